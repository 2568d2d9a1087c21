//! Certificates in a PEM file, found by their names. A system's bundle has hundreds, of which a
//! connection needs one: to decode all would take more than twice as long as the handshake.

use std::io::{self, BufRead};
use std::ops::{ControlFlow, Range};

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
const END: &[u8] = b"-----END CERTIFICATE-----";

/// What is done with each certificate's block of lines; a break ends the search.
pub type Visit<'a> = &'a mut dyn FnMut(&[u8]) -> ControlFlow<()>;

/// Visits each block of a file. OpenSSL's TRUSTED CERTIFICATE blocks may say that a certificate is
/// distrusted: they are skipped, like all else.
pub fn each_block(mut file: impl BufRead, visit: Visit<'_>) -> io::Result<ControlFlow<()>> {
    let mut block = Vec::new();
    while file.read_until(b'\n', &mut block)? > 0 {
        while block.trim_ascii_end() == BEGIN {
            // No base64 has a dash.
            file.read_until(b'-', &mut block)?;
            let end = block.len() - 1;
            file.read_until(b'\n', &mut block)?;
            if !block[..end].ends_with(b"\n") {
                break;
            }
            if block[end..].starts_with(END) && visit(&block).is_break() {
                return Ok(ControlFlow::Break(()));
            }
            // Where a block has no end, the next may begin.
            block.drain(..end);
        }
        block.clear();
    }
    Ok(ControlFlow::Continue(()))
}

/// The names in a certificate, as it has them: two that differ in their encoding are different ones.
#[derive(Debug, PartialEq, Eq)]
pub struct Names {
    pub issuer: Vec<u8>,
    pub subject: Vec<u8>,
}

impl Names {
    /// Those of a PEM block, if they are where all certificates have them. No more is decoded.
    pub fn in_block(block: &[u8]) -> Option<Self> {
        let mut start = Start { base64: block.get(BEGIN.len()..)?, der: [0; 1024], length: 0 };
        let [issuer, subject] = names(|index| start.byte(index))?;
        Some(Self { issuer: start.der[issuer].to_vec(), subject: start.der[subject].to_vec() })
    }

    /// Those of a certificate.
    pub fn in_der(der: &[u8]) -> Option<Self> {
        let [issuer, subject] = names(|index| der.get(index).copied())?;
        Some(Self { issuer: der[issuer].to_vec(), subject: der[subject].to_vec() })
    }
}

/// Where issuer and subject are in a certificate (RFC 5280, section 4.1), of which the rest may be
/// missing. Whoever trusts it reads it again, and all of it.
fn names(mut byte: impl FnMut(usize) -> Option<u8>) -> Option<[Range<usize>; 2]> {
    const LONG: u8 = 0x80;
    const MAX_BYTES: u8 = 4;
    const VERSION: u8 = 0xa0;
    // The tag of the element there, and where its content is.
    let mut element = |at: usize| {
        let (tag, first) = (byte(at)?, byte(at + 1)?);
        let bytes = first.saturating_sub(LONG);
        let content = at + 2 + usize::from(bytes);
        let length = match first {
            ..LONG => first.into(),
            _ if bytes > MAX_BYTES => return None,
            _ => (at + 2..content)
                .try_fold(0, |length, at| Some(length << 8 | usize::from(byte(at)?)))?,
        };
        Some((tag, content..content + length))
    };
    let (_, certificate) = element(0)?;
    let (_, to_be_signed) = element(certificate.start)?;
    let mut at = to_be_signed.start;
    let mut next = || {
        let (tag, content) = element(at)?;
        at = content.end;
        Some((tag, content))
    };
    // The version is optional, the serial number is not.
    if next()?.0 == VERSION {
        next()?;
    }
    let _signature = next()?;
    let (_, issuer) = next()?;
    let _validity = next()?;
    let (_, subject) = next()?;
    byte(subject.end - 1)?;
    Some([issuer, subject])
}

/// The start of a certificate, decoded as far as it was asked for.
struct Start<'a> {
    base64: &'a [u8],
    der: [u8; 1024],
    length: usize,
}

impl Start<'_> {
    /// What is no digit of base64 is left out: whoever trusts the certificate decodes it again.
    fn byte(&mut self, index: usize) -> Option<u8> {
        let mut bits = 1_u32;
        let mut base64 = self.base64.iter();
        while self.length <= index {
            let value = VALUES[usize::from(*base64.next()?)];
            if value == OTHER {
                continue;
            }
            bits = bits << 6 | u32::from(value);
            // Four digits have come after the first bit.
            if bits >= 1 << 24 {
                let three = self.der.get_mut(self.length..self.length + 3)?;
                three.copy_from_slice(&bits.to_be_bytes()[1..]);
                self.length += 3;
                bits = 1;
            }
        }
        self.base64 = base64.as_slice();
        Some(self.der[index])
    }
}

/// The value of each digit of base64, and of any other byte.
const VALUES: [u8; 256] = {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut values = [OTHER; 256];
    let mut value = 0_u8;
    while (value as usize) < digits.len() {
        values[digits[value as usize] as usize] = value;
        value += 1;
    }
    values
};
const OTHER: u8 = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(file: &str) -> usize {
        let mut count = 0;
        let end = each_block(file.as_bytes(), &mut |_| {
            count += 1;
            ControlFlow::Continue(())
        });
        assert_eq!(end.unwrap(), ControlFlow::Continue(()));
        count
    }

    #[test]
    fn a_block_is_what_is_between_its_lines_and_nothing_else() {
        let block = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
        assert_eq!(blocks(&format!("# one\n{block}{block}")), 2);
        assert_eq!(blocks(&block.replace('\n', "\r\n")), 1);
        assert_eq!(blocks(block.trim_end()), 1);
        assert_eq!(
            blocks(&format!("-----BEGIN CERTIFICATE-----\nMIIB\n{block}")),
            1,
            "one has no end"
        );
        for file in [
            "",
            "-----BEGIN CERTIFICATE-----",
            "-----BEGIN CERTIFICATE-----\nMIIB\n",
            &format!("# {block}"),
            &format!("-----BEGIN CERTIFICATE-----\n# {block}"),
            &block.replace("MIIB\n", "MIIB"),
            &block.replace("CERTIFICATE", "TRUSTED CERTIFICATE"),
            &block.replace("END CERTIFICATE", "END TRUSTED CERTIFICATE"),
        ] {
            assert_eq!(blocks(file), 0, "{file}");
        }
    }

    #[test]
    fn the_names_are_read_from_any_certificate_and_nothing_else_has_any() {
        let version = [0xa0, 3, 2, 1, 2];
        let rest = [
            &[2, 1, 7][..],            // serial number
            &[0x30, 0],                // algorithm
            &[0x30, 2, 5, 0],          // issuer
            &[0x30, 0],                // validity
            &[0x30, 0x81, 3, 1, 2, 3], // subject
        ]
        .concat();
        let certificate = |content: &[u8]| [&[0x30, 0x82, 1, 0, 0x30, 0x81, 99], content].concat();
        let names = Some(Names { issuer: vec![5, 0], subject: vec![1, 2, 3] });
        assert_eq!(Names::in_der(&certificate(&rest)), names, "version 1");
        let der = certificate(&[&version, &rest[..]].concat());
        assert_eq!(Names::in_der(&der), names);
        for end in 0..der.len() {
            assert_eq!(Names::in_der(&der[..end]), None, "{end}");
        }
        let with_length = |length: &[u8]| [&[0x30], length, &der[4..]].concat();
        assert_eq!(Names::in_der(&with_length(&[0x84, 0, 0, 1, 0])), names);
        assert_eq!(Names::in_der(&with_length(&[0x85, 0, 0, 0, 1, 0])), None, "far too long");
    }
}
