//! Python's pickle, protocols 2 to 5, as data: what would be called is recorded, and nothing is called.
//!
//! Values refer to one another by number, so loops and shared parts cost nothing. After Python's `pickletools`.

use std::collections::HashMap;

/// The number of a value.
pub(super) type Id = u32;

/// What a pickle holds; text is borrowed from it.
#[derive(Debug)]
pub(super) enum Value<'a> {
    /// `None`, floats, bytes, sets, large numbers: nothing that weights need.
    Other,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Text.
    Text(&'a str),
    /// A tuple.
    Tuple(Vec<Id>),
    /// A list.
    List(Vec<Id>),
    /// A dictionary in its order.
    Dict(Vec<(Id, Id)>),
    /// A class or function by name.
    Global { module: &'a str, name: &'a str },
    /// What the program that wrote the pickle keeps elsewhere.
    Persistent(Id),
    /// What calling `function` would give: an object, with what would be set in it.
    Call { function: Id, arguments: Id, state: Option<Id>, items: Vec<(Id, Id)> },
}

/// A pickle that was read.
pub(super) struct Pickle<'a> {
    values: Vec<Value<'a>>,
    /// The value that the pickle is of.
    pub(super) root: Id,
    /// Where the pickle ends.
    pub(super) end: usize,
}

/// Checkpoints with optimisers and logs have some ten thousand.
const MAX_VALUES: usize = 1 << 20;

impl<'a> Pickle<'a> {
    /// Reads the pickle that begins at `start`.
    pub(super) fn read(bytes: &'a [u8], start: usize) -> Result<Self, String> {
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
                return Err(format!("its pickle has more than {MAX_VALUES} values"));
            }
            let code = machine.byte()?;
            if code == b'.' {
                let root = machine.pop()?;
                return Ok(Self { values: machine.values, root, end: machine.at });
            }
            machine.step(code)?;
        }
    }

    /// A value.
    pub(super) fn get(&self, id: Id) -> &Value<'a> {
        &self.values[id as usize]
    }

    /// All values.
    pub(super) fn values(&self) -> impl Iterator<Item = &Value<'a>> {
        self.values.iter()
    }

    /// The text of a value that is text.
    pub(super) fn text(&self, id: Id) -> Option<&'a str> {
        match self.get(id) {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number of a value that is one.
    pub(super) fn int(&self, id: Id) -> Option<i64> {
        match self.get(id) {
            Value::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// The entries of a tuple or list.
    pub(super) fn sequence(&self, id: Id) -> Option<&[Id]> {
        match self.get(id) {
            Value::Tuple(entries) | Value::List(entries) => Some(entries),
            _ => None,
        }
    }

    /// The entries of a dictionary, ordered or not.
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

    /// A dictionary's entry.
    pub(super) fn entry(&self, items: &[(Id, Id)], key: &str) -> Option<Id> {
        items.iter().find(|(k, _)| self.text(*k) == Some(key)).map(|(_, v)| *v)
    }
}

struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    values: Vec<Value<'a>>,
    stack: Vec<Id>,
    marks: Vec<usize>,
    memo: HashMap<u32, Id>,
}

impl<'a> Machine<'a> {
    fn step(&mut self, code: u8) -> Result<(), String> {
        match code {
            0x80 => _ = self.byte()?,
            0x95 => _ = self.take(8)?,
            b'(' => self.marks.push(self.stack.len()),
            b'0' => _ = self.pop()?,
            b'1' => _ = self.take_to_mark()?,
            b'2' => self.stack.push(self.top()?),
            b'N' => self.push(Value::Other),
            0x88 => self.push(Value::Bool(true)),
            0x89 => self.push(Value::Bool(false)),
            b'J' => {
                let value = self.number(4)? as u32 as i32;
                self.push(Value::Int(value.into()));
            }
            b'K' => self.whole(1)?,
            b'M' => self.whole(2)?,
            0x8A | 0x8B => {
                let length = self.number(if code == 0x8A { 1 } else { 4 })?;
                let digits = self.take(length)?;
                self.push(long(digits).map_or(Value::Other, Value::Int));
            }
            b'G' => self.skip(8)?,
            b'X' => self.string(4)?,
            0x8C => self.string(1)?,
            0x8D => self.string(8)?,
            b'T' => self.string(4)?,
            b'U' => self.string(1)?,
            b'C' => self.blob(1)?,
            b'B' => self.blob(4)?,
            0x8E | 0x96 => self.blob(8)?,
            b')' => self.push(Value::Tuple(Vec::new())),
            b't' => {
                let entries = self.take_to_mark()?;
                self.push(Value::Tuple(entries));
            }
            0x85..=0x87 => {
                let from = self.below(usize::from(code - 0x84))?;
                let entries = self.stack.split_off(from);
                self.push(Value::Tuple(entries));
            }
            b']' => self.push(Value::List(Vec::new())),
            b'l' => {
                let entries = self.take_to_mark()?;
                self.push(Value::List(entries));
            }
            b'a' => {
                let entry = self.pop()?;
                self.append(vec![entry])?;
            }
            b'e' => {
                let entries = self.take_to_mark()?;
                self.append(entries)?;
            }
            0x8F => self.push(Value::Other),
            0x90 => _ = self.take_to_mark()?,
            0x91 => {
                self.take_to_mark()?;
                self.push(Value::Other);
            }
            b'}' => self.push(Value::Dict(Vec::new())),
            b'd' => {
                let entries = self.take_to_mark()?;
                self.push(Value::Dict(pairs(&entries)));
            }
            b's' => {
                let from = self.below(2)?;
                let entries = self.stack.split_off(from);
                self.set(&entries)?;
            }
            b'u' => {
                let entries = self.take_to_mark()?;
                self.set(&entries)?;
            }
            b'c' => {
                let (module, name) = (self.line()?, self.line()?);
                self.push(Value::Global { module, name });
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                let (Value::Text(module), Value::Text(name)) = (self.value(module), self.value(name)) else {
                    return Err("its pickle names a class by something else than text".to_owned());
                };
                self.push(Value::Global { module, name });
            }
            b'R' | 0x81 => {
                let (arguments, function) = (self.pop()?, self.pop()?);
                self.push(Value::Call { function, arguments, state: None, items: Vec::new() });
            }
            0x92 => {
                let (_, arguments, function) = (self.pop()?, self.pop()?, self.pop()?);
                self.push(Value::Call { function, arguments, state: None, items: Vec::new() });
            }
            b'b' => {
                let new = self.pop()?;
                let top = self.top()?;
                if let Value::Call { state, .. } = &mut self.values[top as usize] {
                    *state = Some(new);
                }
            }
            b'Q' => {
                let id = self.pop()?;
                self.push(Value::Persistent(id));
            }
            b'q' => self.memoize(1)?,
            b'r' => self.memoize(4)?,
            0x94 => {
                let top = self.top()?;
                self.memo.insert(self.memo.len() as u32, top);
            }
            b'h' => self.recall(1)?,
            b'j' => self.recall(4)?,
            _ => return Err(format!("its pickle has the instruction {code:#04x}, which torch.save does not write")),
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

    /// Where the upper `count` entries of the stack begin.
    fn below(&self, count: usize) -> Result<usize, String> {
        let floor = self.marks.last().copied().unwrap_or(0);
        let from = self.stack.len().checked_sub(count).filter(|&from| from >= floor);
        from.ok_or_else(|| "its pickle takes more than there is".to_owned())
    }

    fn top(&self) -> Result<Id, String> {
        Ok(self.stack[self.below(1)?])
    }

    fn pop(&mut self) -> Result<Id, String> {
        let top = self.top()?;
        self.stack.pop();
        Ok(top)
    }

    fn take_to_mark(&mut self) -> Result<Vec<Id>, String> {
        let mark = self.marks.pop().ok_or("its pickle ends a list that was not begun")?;
        Ok(self.stack.split_off(mark))
    }

    fn append(&mut self, new: Vec<Id>) -> Result<(), String> {
        let top = self.top()?;
        if let Value::List(entries) = &mut self.values[top as usize] {
            entries.extend(new);
        }
        Ok(())
    }

    fn set(&mut self, new: &[Id]) -> Result<(), String> {
        let top = self.top()?;
        if let Value::Dict(items) | Value::Call { items, .. } = &mut self.values[top as usize] {
            items.extend(pairs(new));
        }
        Ok(())
    }

    fn memoize(&mut self, size: usize) -> Result<(), String> {
        let key = self.number(size)? as u32;
        let top = self.top()?;
        self.memo.insert(key, top);
        Ok(())
    }

    fn recall(&mut self, size: usize) -> Result<(), String> {
        let key = self.number(size)? as u32;
        let id = *self.memo.get(&key).ok_or("its pickle refers to what it has not kept")?;
        self.stack.push(id);
        Ok(())
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let part = self.at.checked_add(count).and_then(|end| self.bytes.get(self.at..end));
        let part = part.ok_or("it ends within its pickle")?;
        self.at += count;
        Ok(part)
    }

    fn byte(&mut self) -> Result<u8, String> {
        Ok(self.take(1)?[0])
    }

    /// A little-endian number of up to eight bytes.
    fn number(&mut self, size: usize) -> Result<usize, String> {
        let mut word = [0; 8];
        word[..size].copy_from_slice(self.take(size)?);
        usize::try_from(u64::from_le_bytes(word)).map_err(|_| "its pickle has a size beyond counting".to_owned())
    }

    fn whole(&mut self, size: usize) -> Result<(), String> {
        let value = self.number(size)?;
        self.push(Value::Int(value as i64));
        Ok(())
    }

    fn skip(&mut self, count: usize) -> Result<(), String> {
        self.take(count)?;
        self.push(Value::Other);
        Ok(())
    }

    fn string(&mut self, size: usize) -> Result<(), String> {
        let length = self.number(size)?;
        let bytes = self.take(length)?;
        self.push(std::str::from_utf8(bytes).map_or(Value::Other, Value::Text));
        Ok(())
    }

    fn blob(&mut self, size: usize) -> Result<(), String> {
        let length = self.number(size)?;
        self.skip(length)
    }

    fn line(&mut self) -> Result<&'a str, String> {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|&b| b == b'\n').ok_or("it ends within its pickle")?;
        self.at += length + 1;
        std::str::from_utf8(&rest[..length]).map_err(|_| "its pickle names a class that is no text".to_owned())
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
