//! The tokens of a JSON text (RFC 8259), over Latin-1 or UTF-16 code units.

use boa_engine::{
    JsError, JsNativeError, JsResult, JsString, JsValue, property::PropertyKey, string::JsStr,
};

/// What begins a value.
pub enum Token {
    /// A string, number, boolean or null.
    Value(JsValue),
    ArrayStart,
    ObjectStart,
}

/// A code unit of a text.
pub trait Unit: Copy + Into<u16> {
    fn string(units: &[Self]) -> JsString;
}

impl Unit for u8 {
    fn string(units: &[Self]) -> JsString {
        JsString::from(JsStr::latin1(units))
    }
}

impl Unit for u16 {
    fn string(units: &[Self]) -> JsString {
        JsString::from(JsStr::utf16(units))
    }
}

pub struct Scanner<'text, U> {
    text: &'text [U],
    position: usize,
}

impl<'text, U: Unit> Scanner<'text, U> {
    pub fn new(text: &'text [U]) -> Self {
        Self { text, position: 0 }
    }

    /// The code unit at the position; 0 at the end, which JSON allows nowhere.
    fn peek(&self) -> u16 {
        self.text.get(self.position).map_or(0, |&unit| unit.into())
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), 0x20 | 0x09 | 0x0A | 0x0D) {
            self.position += 1;
        }
    }

    /// Skips space and, if it follows, that character.
    pub fn skip(&mut self, character: u8) -> bool {
        self.skip_space();
        let follows = self.peek() == u16::from(character);
        self.position += usize::from(follows);
        follows
    }

    fn unexpected(&self) -> JsError {
        let message = if self.position >= self.text.len() {
            "Unexpected end of JSON input".to_owned()
        } else {
            let token = U::string(&self.text[self.position..=self.position]);
            let token = token.to_std_string_escaped();
            format!(
                "Unexpected token '{token}' in JSON at position {}",
                self.position
            )
        };
        JsNativeError::syntax().with_message(message).into()
    }

    fn expect(&mut self, character: u8) -> JsResult<()> {
        if self.skip(character) {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    /// After the last value only space may follow.
    pub fn end(&mut self) -> JsResult<()> {
        self.skip_space();
        if self.position == self.text.len() {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    /// Takes a comma, then true; or the closing character, then false.
    pub fn comma_or(&mut self, close: u8) -> JsResult<bool> {
        if self.skip(b',') {
            return Ok(true);
        }
        self.expect(close).map(|()| false)
    }

    /// A property's name with its colon.
    pub fn key(&mut self) -> JsResult<PropertyKey> {
        self.expect(b'"')?;
        let name = self.string()?;
        self.expect(b':')?;
        Ok(PropertyKey::from(name))
    }

    pub fn next_token(&mut self) -> JsResult<Token> {
        self.skip_space();
        let token = match u8::try_from(self.peek()).unwrap_or(0) {
            b'[' => Token::ArrayStart,
            b'{' => Token::ObjectStart,
            b'"' => {
                self.position += 1;
                return Ok(Token::Value(self.string()?.into()));
            }
            b't' => return self.word("true", JsValue::from(true)),
            b'f' => return self.word("false", JsValue::from(false)),
            b'n' => return self.word("null", JsValue::null()),
            b'-' | b'0'..=b'9' => return self.number(),
            _ => return Err(self.unexpected()),
        };
        self.position += 1;
        Ok(token)
    }

    fn word(&mut self, word: &str, value: JsValue) -> JsResult<Token> {
        for letter in word.bytes() {
            if self.peek() != u16::from(letter) {
                return Err(self.unexpected());
            }
            self.position += 1;
        }
        Ok(Token::Value(value))
    }

    fn digits(&mut self) -> JsResult<()> {
        if !matches!(self.peek(), 0x30..=0x39) {
            return Err(self.unexpected());
        }
        while matches!(self.peek(), 0x30..=0x39) {
            self.position += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> JsResult<Token> {
        let start = self.position;
        self.position += usize::from(self.peek() == u16::from(b'-'));
        if self.peek() == u16::from(b'0') {
            self.position += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == u16::from(b'.') {
            self.position += 1;
            self.digits()?;
        }
        if matches!(u8::try_from(self.peek()), Ok(b'e' | b'E')) {
            self.position += 1;
            if matches!(u8::try_from(self.peek()), Ok(b'+' | b'-')) {
                self.position += 1;
            }
            self.digits()?;
        }
        let units = &self.text[start..self.position];
        // Every unit is an ASCII character, as checked above.
        let text: String = units
            .iter()
            .map(|&unit| char::from(unit.into() as u8))
            .collect();
        let number: f64 = text.parse().map_err(|_| self.unexpected())?;
        let integer = number as i32;
        let exact = f64::from(integer).to_bits() == number.to_bits();
        Ok(Token::Value(if exact {
            JsValue::from(integer)
        } else {
            JsValue::from(number)
        }))
    }

    /// A string whose opening quote has been taken.
    fn string(&mut self) -> JsResult<JsString> {
        let start = self.position;
        while !matches!(self.peek(), 0x00..=0x1F | 0x22 | 0x5C) {
            self.position += 1;
        }
        let plain = &self.text[start..self.position];
        if self.peek() == 0x22 {
            self.position += 1;
            return Ok(U::string(plain));
        }
        let mut units: Vec<u16> = plain.iter().map(|&unit| unit.into()).collect();
        loop {
            match self.peek() {
                0x22 => {
                    self.position += 1;
                    return Ok(JsString::from(units.as_slice()));
                }
                0x5C => {
                    self.position += 1;
                    units.push(self.escaped()?);
                }
                0x00..=0x1F => return Err(self.unexpected()),
                unit => {
                    units.push(unit);
                    self.position += 1;
                }
            }
        }
    }

    /// The code unit that an escape stands for; its backslash has been taken.
    fn escaped(&mut self) -> JsResult<u16> {
        let letter = u8::try_from(self.peek()).unwrap_or(0);
        let unit = match letter {
            b'"' | b'\\' | b'/' => letter,
            b'b' => 0x08,
            b'f' => 0x0C,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                self.position += 1;
                return self.hexadecimal();
            }
            _ => return Err(self.unexpected()),
        };
        self.position += 1;
        Ok(u16::from(unit))
    }

    fn hexadecimal(&mut self) -> JsResult<u16> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = char::from_u32(u32::from(self.peek())).and_then(|c| c.to_digit(16));
            let Some(digit) = digit else {
                return Err(self.unexpected());
            };
            unit = unit << 4 | digit as u16;
            self.position += 1;
        }
        Ok(unit)
    }
}
