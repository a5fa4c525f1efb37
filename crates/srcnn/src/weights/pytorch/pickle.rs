//! Python's pickle, protocols 1 to 5, as data: calls are recorded, and nothing is called.
//!
//! Values refer to one another by number, so loops and shared parts cost nothing. After Python's `pickletools`.

use std::collections::HashMap;

use super::error::PickleError;
use super::opcode::*;

/// Number of a value.
pub(super) type Id = u32;

/// A value of a pickle; text is borrowed from it.
#[derive(Debug)]
pub(super) enum Value<'a> {
    /// A value that weights do not need: `None`, floats, bytes, sets, large numbers.
    Other,
    /// A truth value.
    Bool(bool),
    /// A whole number of at most 64 bits.
    Int(i64),
    /// Text.
    Text(&'a str),
    /// A tuple.
    Tuple(Vec<Id>),
    /// A list.
    List(Vec<Id>),
    /// Keys and values of a dictionary, in its order.
    Dict(Vec<(Id, Id)>),
    /// A class or function by name.
    Global { module: &'a str, name: &'a str },
    /// A reference to an object outside the pickle, by its persistent id.
    Persistent(Id),
    /// The result of a call: an object, with the state and items set in it.
    Call { function: Id, arguments: Id, state: Option<Id>, items: Vec<(Id, Id)> },
}

/// The values of a pickle.
pub(super) struct Pickle<'a> {
    values: Vec<Value<'a>>,
    /// The value that unpickling would return.
    pub(super) root: Id,
    /// Position behind the pickle.
    pub(super) end: usize,
}

/// Values, stack, marks and memo together. Checkpoints with optimizers and logs have some ten thousand.
const MAX_VALUES: usize = 1 << 20;

impl<'a> Pickle<'a> {
    /// Reads the pickle that begins at `start`.
    pub(super) fn read(bytes: &'a [u8], start: usize) -> Result<Self, PickleError> {
        let mut machine = Machine {
            bytes,
            at: start,
            values: Vec::new(),
            stack: Vec::new(),
            marks: Vec::new(),
            memo: HashMap::new(),
        };
        loop {
            if machine.stack.len() + machine.memo.len() + machine.values.len() + machine.marks.len() > MAX_VALUES {
                return Err(PickleError::TooManyValues(MAX_VALUES));
            }
            let code = machine.byte()?;
            if code == STOP {
                let root = machine.pop()?;
                return Ok(Self { values: machine.values, root, end: machine.at });
            }
            machine.step(code)?;
        }
    }

    /// A value by its number.
    pub(super) fn get(&self, id: Id) -> &Value<'a> {
        &self.values[id as usize]
    }

    /// All values.
    pub(super) fn values(&self) -> impl Iterator<Item = &Value<'a>> {
        self.values.iter()
    }

    /// The text, if a value is text.
    pub(super) fn text(&self, id: Id) -> Option<&'a str> {
        match self.get(id) {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if a value is whole.
    pub(super) fn int(&self, id: Id) -> Option<i64> {
        match self.get(id) {
            Value::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// The entries, if a value is a tuple or list.
    pub(super) fn sequence(&self, id: Id) -> Option<&[Id]> {
        match self.get(id) {
            Value::Tuple(entries) | Value::List(entries) => Some(entries),
            _ => None,
        }
    }

    /// Keys and values, if a value is a dictionary, ordered or not.
    pub(super) fn mapping(&self, id: Id) -> Option<&[(Id, Id)]> {
        match self.get(id) {
            Value::Dict(items) => Some(items),
            Value::Call { function, items, .. } => match self.get(*function) {
                Value::Global { name: "OrderedDict" | "defaultdict" | "dict", .. } => Some(items),
                _ => None,
            },
            _ => None,
        }
    }

    /// The value of a key in a dictionary's entries.
    pub(super) fn entry(&self, items: &[(Id, Id)], key: &str) -> Option<Id> {
        items.iter().find(|(k, _)| self.text(*k) == Some(key)).map(|(_, v)| *v)
    }
}

/// The machine that pickles are programs for, without its calls.
struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    values: Vec<Value<'a>>,
    stack: Vec<Id>,
    marks: Vec<usize>,
    memo: HashMap<u32, Id>,
}

impl<'a> Machine<'a> {
    fn step(&mut self, code: u8) -> Result<(), PickleError> {
        match code {
            PROTO => _ = self.byte()?,
            FRAME => _ = self.take(8)?,
            MARK => self.marks.push(self.stack.len()),
            POP => _ = self.pop()?,
            POP_MARK => _ = self.take_to_mark()?,
            DUP => self.stack.push(self.top()?),
            NONE => self.push(Value::Other),
            NEWTRUE => self.push(Value::Bool(true)),
            NEWFALSE => self.push(Value::Bool(false)),
            INT | LONG => {
                let value = match (code, self.line()?) {
                    // Truth values, before protocol 2.
                    (INT, "00") => Value::Bool(false),
                    (INT, "01") => Value::Bool(true),
                    (_, digits) => digits.trim_end_matches('L').parse().map_or(Value::Other, Value::Int),
                };
                self.push(value);
            }
            FLOAT => {
                self.line()?;
                self.push(Value::Other);
            }
            BININT => {
                let value = self.number(4)? as u32 as i32;
                self.push(Value::Int(value.into()));
            }
            BININT1 => self.whole(1)?,
            BININT2 => self.whole(2)?,
            LONG1 | LONG4 => {
                let length = self.number(if code == LONG1 { 1 } else { 4 })?;
                let digits = self.take(length)?;
                self.push(long(digits).map_or(Value::Other, Value::Int));
            }
            BINFLOAT => self.skip(8)?,
            BINUNICODE | BINSTRING => self.string(4)?,
            SHORT_BINUNICODE | SHORT_BINSTRING => self.string(1)?,
            BINUNICODE8 => self.string(8)?,
            SHORT_BINBYTES => self.blob(1)?,
            BINBYTES => self.blob(4)?,
            BINBYTES8 | BYTEARRAY8 => self.blob(8)?,
            EMPTY_TUPLE => self.push(Value::Tuple(Vec::new())),
            TUPLE => {
                let entries = self.take_to_mark()?;
                self.push(Value::Tuple(entries));
            }
            TUPLE1 | TUPLE2 | TUPLE3 => {
                let from = self.below(usize::from(code - TUPLE1 + 1))?;
                let entries = self.stack.split_off(from);
                self.push(Value::Tuple(entries));
            }
            EMPTY_LIST => self.push(Value::List(Vec::new())),
            LIST => {
                let entries = self.take_to_mark()?;
                self.push(Value::List(entries));
            }
            APPEND => {
                let entry = self.pop()?;
                self.append(vec![entry])?;
            }
            APPENDS => {
                let entries = self.take_to_mark()?;
                self.append(entries)?;
            }
            EMPTY_SET => self.push(Value::Other),
            ADDITEMS => _ = self.take_to_mark()?,
            FROZENSET => {
                self.take_to_mark()?;
                self.push(Value::Other);
            }
            EMPTY_DICT => self.push(Value::Dict(Vec::new())),
            DICT => {
                let entries = self.take_to_mark()?;
                self.push(Value::Dict(pairs(&entries)));
            }
            SETITEM => {
                let from = self.below(2)?;
                let entries = self.stack.split_off(from);
                self.set(&entries)?;
            }
            SETITEMS => {
                let entries = self.take_to_mark()?;
                self.set(&entries)?;
            }
            GLOBAL => {
                let (module, name) = (self.line()?, self.line()?);
                self.push(Value::Global { module, name });
            }
            STACK_GLOBAL => {
                let (name, module) = (self.pop()?, self.pop()?);
                let (Value::Text(module), Value::Text(name)) = (self.value(module), self.value(name)) else {
                    return Err(PickleError::ClassNoText);
                };
                self.push(Value::Global { module, name });
            }
            REDUCE | NEWOBJ => {
                let (arguments, function) = (self.pop()?, self.pop()?);
                self.push(Value::Call { function, arguments, state: None, items: Vec::new() });
            }
            NEWOBJ_EX => {
                let (_, arguments, function) = (self.pop()?, self.pop()?, self.pop()?);
                self.push(Value::Call { function, arguments, state: None, items: Vec::new() });
            }
            BUILD => {
                let new = self.pop()?;
                let top = self.top()?;
                if let Value::Call { state, .. } = &mut self.values[top as usize] {
                    *state = Some(new);
                }
            }
            BINPERSID => {
                let id = self.pop()?;
                self.push(Value::Persistent(id));
            }
            BINPUT => self.memoize(1)?,
            LONG_BINPUT => self.memoize(4)?,
            MEMOIZE => {
                let top = self.top()?;
                self.memo.insert(self.memo.len() as u32, top);
            }
            BINGET => self.recall(1)?,
            LONG_BINGET => self.recall(4)?,
            _ => return Err(PickleError::Opcode(code)),
        }
        Ok(())
    }

    fn push(&mut self, value: Value<'a>) {
        self.stack.push(self.values.len() as Id);
        self.values.push(value);
    }

    fn value(&self, id: Id) -> &Value<'a> {
        &self.values[id as usize]
    }

    /// Position of the upper `count` entries of the stack, which may not be below the last mark.
    fn below(&self, count: usize) -> Result<usize, PickleError> {
        let floor = self.marks.last().copied().unwrap_or(0);
        let from = self.stack.len().checked_sub(count).filter(|&from| from >= floor);
        from.ok_or(PickleError::EmptyStack)
    }

    fn top(&self) -> Result<Id, PickleError> {
        Ok(self.stack[self.below(1)?])
    }

    fn pop(&mut self) -> Result<Id, PickleError> {
        let top = self.top()?;
        self.stack.pop();
        Ok(top)
    }

    fn take_to_mark(&mut self) -> Result<Vec<Id>, PickleError> {
        let mark = self.marks.pop().ok_or(PickleError::NoMark)?;
        Ok(self.stack.split_off(mark))
    }

    fn append(&mut self, new: Vec<Id>) -> Result<(), PickleError> {
        let top = self.top()?;
        if let Value::List(entries) = &mut self.values[top as usize] {
            entries.extend(new);
        }
        Ok(())
    }

    fn set(&mut self, new: &[Id]) -> Result<(), PickleError> {
        let top = self.top()?;
        if let Value::Dict(items) | Value::Call { items, .. } = &mut self.values[top as usize] {
            items.extend(pairs(new));
        }
        Ok(())
    }

    fn memoize(&mut self, size: usize) -> Result<(), PickleError> {
        let key = self.number(size)? as u32;
        let top = self.top()?;
        self.memo.insert(key, top);
        Ok(())
    }

    fn recall(&mut self, size: usize) -> Result<(), PickleError> {
        let key = self.number(size)? as u32;
        let id = *self.memo.get(&key).ok_or(PickleError::NoMemo)?;
        self.stack.push(id);
        Ok(())
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], PickleError> {
        let part = self.at.checked_add(count).and_then(|end| self.bytes.get(self.at..end));
        let part = part.ok_or(PickleError::Cut)?;
        self.at += count;
        Ok(part)
    }

    fn byte(&mut self) -> Result<u8, PickleError> {
        Ok(self.take(1)?[0])
    }

    /// A little-endian number of up to eight bytes.
    fn number(&mut self, size: usize) -> Result<usize, PickleError> {
        let mut word = [0; 8];
        word[..size].copy_from_slice(self.take(size)?);
        usize::try_from(u64::from_le_bytes(word)).map_err(|_| PickleError::Size)
    }

    fn whole(&mut self, size: usize) -> Result<(), PickleError> {
        let value = self.number(size)?;
        self.push(Value::Int(value as i64));
        Ok(())
    }

    fn skip(&mut self, count: usize) -> Result<(), PickleError> {
        self.take(count)?;
        self.push(Value::Other);
        Ok(())
    }

    fn string(&mut self, size: usize) -> Result<(), PickleError> {
        let length = self.number(size)?;
        let bytes = self.take(length)?;
        self.push(std::str::from_utf8(bytes).map_or(Value::Other, Value::Text));
        Ok(())
    }

    fn blob(&mut self, size: usize) -> Result<(), PickleError> {
        let length = self.number(size)?;
        self.skip(length)
    }

    fn line(&mut self) -> Result<&'a str, PickleError> {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|&b| b == b'\n').ok_or(PickleError::Cut)?;
        self.at += length + 1;
        std::str::from_utf8(&rest[..length]).map_err(|_| PickleError::ClassNoUtf8)
    }
}

/// A signed little-endian number, if it is of at most eight bytes.
fn long(digits: &[u8]) -> Option<i64> {
    let negative = digits.last().is_some_and(|d| d & 0x80 != 0);
    let mut word = [if negative { 0xFF } else { 0 }; 8];
    word.get_mut(..digits.len())?.copy_from_slice(digits);
    Some(i64::from_le_bytes(word))
}

fn pairs(flat: &[Id]) -> Vec<(Id, Id)> {
    flat.as_chunks::<2>().0.iter().map(|&[k, v]| (k, v)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pickle_that_would_run_a_program_is_only_data() {
        let pickle = Pickle::read(b"\x80\x02cos\nsystem\nq\x00X\x02\x00\x00\x00ls\x85R.", 0).expect("a pickle");
        let Value::Call { function, arguments, .. } = pickle.get(pickle.root) else { panic!("a call") };
        assert!(matches!(pickle.get(*function), Value::Global { module: "os", name: "system" }));
        assert_eq!(pickle.sequence(*arguments).map(|a| pickle.text(a[0])), Some(Some("ls")));
    }

    #[test]
    fn a_list_that_holds_itself_is_read() {
        let pickle = Pickle::read(b"\x80\x04]\x94h\x00a.", 0).expect("a pickle");
        assert_eq!(pickle.sequence(pickle.root), Some(&[pickle.root][..]));
    }

    #[test]
    fn what_takes_more_than_there_is_is_refused() {
        for bytes in [&b"."[..], b"\x80\x02R.", b"\x85.", b"(0.", b"u.", b"h\x05.", b"i", b"X\xff\xff\xff\xff.", b""] {
            assert!(Pickle::read(bytes, 0).is_err(), "{bytes:?}");
        }
        assert!(Pickle::read(&vec![b'N'; MAX_VALUES + 1], 0).is_err());
    }
}
