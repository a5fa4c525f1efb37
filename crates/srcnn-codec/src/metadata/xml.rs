//! Elements of XML (1.0), found without more of it than that: where they begin and end, and their attributes. What cannot be followed
//! is none.

use std::ops::Range;

/// Elements within elements, at most.
const DEEPEST: usize = 200;

/// An element within a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Element {
    /// From its first byte on.
    pub(crate) whole: Range<usize>,
    /// Its opening tag, with the angle brackets.
    pub(crate) tag: Range<usize>,
    /// What is between its tags; empty if it has only one.
    pub(crate) content: Range<usize>,
}

/// An attribute of an opening tag: with the space before it, its name, and its value without quotes.
pub(crate) struct Attribute {
    pub(crate) whole: Range<usize>,
    pub(crate) name: Range<usize>,
    pub(crate) value: Range<usize>,
}

impl Element {
    /// Its name, with the prefix.
    pub(crate) fn name<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        &text[self.name_range(text)]
    }

    /// Its name without the prefix.
    pub(crate) fn local_name<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        local(self.name(text))
    }

    fn name_range(&self, text: &[u8]) -> Range<usize> {
        let begin = self.tag.start + 1;
        let length = text[begin..self.tag.end].iter().take_while(|byte| is_name(**byte)).count();
        begin..begin + length
    }

    /// Whether it is a single tag.
    pub(crate) fn is_empty_tag(&self, text: &[u8]) -> bool {
        text[self.tag.clone()].ends_with(b"/>")
    }

    /// Where attributes can be put: behind the name.
    pub(crate) fn behind_name(&self, text: &[u8]) -> usize {
        self.name_range(text).end
    }

    /// The attributes of its opening tag.
    pub(crate) fn attributes(&self, text: &[u8]) -> Vec<Attribute> {
        let (mut at, mut all) = (self.behind_name(text), Vec::new());
        while at < self.tag.end {
            let start = at;
            at += spaces(&text[at..self.tag.end]);
            let name = at..at + text[at..self.tag.end].iter().take_while(|byte| is_name(**byte)).count();
            at = name.end + spaces(&text[name.end..self.tag.end]);
            if name.is_empty() || text.get(at) != Some(&b'=') {
                break;
            }
            at += 1;
            at += spaces(&text[at..self.tag.end]);
            let Some(quote @ (b'"' | b'\'')) = text.get(at).copied() else { break };
            let Some(length) = text[at + 1..self.tag.end].iter().position(|byte| *byte == quote) else { break };
            let value = at + 1..at + 1 + length;
            at = value.end + 1;
            all.push(Attribute { whole: start..at, name, value });
        }
        all
    }
}

/// A name without its prefix.
pub(crate) fn local(name: &[u8]) -> &[u8] {
    name.rsplit(|byte| *byte == b':').next().unwrap_or(name)
}

fn spaces(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

fn is_name(byte: u8) -> bool {
    !byte.is_ascii_whitespace() && !b"=/>\"'<".contains(&byte)
}

/// The elements of a part of a text that are not within others.
pub(crate) fn elements(text: &[u8], within: Range<usize>) -> Option<Vec<Element>> {
    let (mut at, mut all) = (within.start, Vec::new());
    // The tags that are open.
    let mut open: Vec<Range<usize>> = Vec::new();
    while at < within.end {
        let Some(begin) = text[at..within.end].iter().position(|byte| *byte == b'<').map(|skip| at + skip) else {
            break;
        };
        let rest = &text[begin..within.end];
        let behind = |mark: &[u8]| Some(begin + rest.windows(mark.len()).position(|w| w == mark)? + mark.len());
        at = match rest {
            [b'<', b'!', b'-', b'-', ..] => behind(b"-->")?,
            _ if rest.starts_with(b"<![CDATA[") => behind(b"]]>")?,
            [b'<', b'?', ..] => behind(b"?>")?,
            // Declarations, with which names may stand for anything.
            [b'<', b'!', ..] => return None,
            _ => tag_end(text, begin, within.end)?,
        };
        match rest {
            [b'<', b'!' | b'?', ..] => {}
            [b'<', b'/', ..] => {
                let tag = open.pop()?;
                if open.is_empty() {
                    all.push(Element { whole: tag.start..at, content: tag.end..begin, tag });
                }
            }
            _ if text[..at].ends_with(b"/>") => {
                if open.is_empty() {
                    all.push(Element { whole: begin..at, tag: begin..at, content: at..at });
                }
            }
            _ => {
                open.push(begin..at);
                if open.len() > DEEPEST {
                    return None;
                }
            }
        }
    }
    open.is_empty().then_some(all)
}

/// Where a tag ends; angle brackets within quotes do not end it.
fn tag_end(text: &[u8], begin: usize, end: usize) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in text[..end].iter().enumerate().skip(begin) {
        match (quote, *byte) {
            (None, b'>') => return Some(at + 1),
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), byte) if byte == open => quote = None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_and_attributes_are_where_they_are() {
        let text =
            b"<?p <a?><!-- <b> --><x:a b='1>' xmlns:c = \"2\"><d/><e><f>1</f></e><![CDATA[</x:a>]]></x:a> <g></g>";
        let all = elements(text, 0..text.len()).expect("it is sound");
        let of = |element: &Element| (element.name(text).to_vec(), text[element.content.clone()].to_vec());
        assert_eq!(all.iter().map(of).map(|(name, _)| name).collect::<Vec<_>>(), [b"x:a".to_vec(), b"g".to_vec()]);
        assert_eq!(all[0].local_name(text), b"a");
        let inner = elements(text, all[0].content.clone()).expect("it is sound");
        assert_eq!(
            inner.iter().map(of).collect::<Vec<_>>(),
            [(b"d".to_vec(), Vec::new()), (b"e".to_vec(), b"<f>1</f>".to_vec())]
        );
        assert!(inner[0].is_empty_tag(text) && !inner[1].is_empty_tag(text));
        let attributes: Vec<_> = all[0]
            .attributes(text)
            .into_iter()
            .map(|attribute| [attribute.whole, attribute.name, attribute.value].map(|range| text[range].to_vec()))
            .collect();
        assert_eq!(attributes, [[&b" b='1>'"[..], b"b", b"1>"], [b" xmlns:c = \"2\"", b"xmlns:c", b"2"]]);
        for odd in [&b"<a>"[..], b"</a>", b"<a><b></a>", b"<a", b"<!DOCTYPE a><a/>", b"<!-- <a/>", b"<a b='></a>"] {
            assert_eq!(elements(odd, 0..odd.len()), None, "{}", String::from_utf8_lossy(odd));
        }
        let deep = [b"<a>".repeat(DEEPEST + 1), b"</a>".repeat(DEEPEST + 1)].concat();
        assert_eq!(elements(&deep, 0..deep.len()), None);
    }
}
