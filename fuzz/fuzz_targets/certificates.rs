//! Any bytes as the certificates that a server sends, and as the CA certificates of the host: those that
//! may have issued one of the chain are found, each once, and are what the file has. The names are
//! compared as webpki reads them: two that differ in their encoding alone are different ones.
//!
//! An input is one byte that says how the file is written, then certificates in DER, each after a line
//! `@sent` or `@ca`. The same bytes are then the file itself.

#![no_main]

use std::path::{Path, PathBuf};

use libfuzzer_sys::fuzz_target;
use psmdb_telemetry::delivery::https::{CaStore, NoCaCertificates};
use psmdb_telemetry::environment::Environment;
use psmdb_telemetry_fuzz::check_message;
use rustls_pki_types::CertificateDer;
use tempfile::TempDir;
use ureq::Error;
use webpki::{EndEntityCert, anchor_from_trusted_cert};

fuzz_target!(|input: &[u8]| {
    thread_local!(static FOLDER: TempDir = TempDir::new().expect("a temporary folder"));
    FOLDER.with(|folder| {
        let host = Host::of(folder.path());
        each_part_is_found(&host, input);
        each_block_is_found(&host, input);
    });
});

type Certificate = CertificateDer<'static>;

fn each_part_is_found(host: &Host, input: &[u8]) {
    let style = Style(input.first().copied().unwrap_or(0));
    let (mut chain, mut bundle) = (Vec::new(), Vec::new());
    for part in parts(input) {
        if let Some(sent) = part.strip_prefix(b"sent\n") {
            chain.push(Certificate::from(sent.to_vec()));
        } else if let Some(ca) = part.strip_prefix(b"ca\n") {
            bundle.push(Certificate::from(ca.to_vec()));
        }
    }
    if style.sends_the_bundle() {
        chain.extend_from_slice(&bundle);
    }
    let all = host.all_in(&style.file(&bundle));
    assert_eq!(all.is_some(), !bundle.is_empty());
    let all = all.unwrap_or_default();
    assert!(bundle.iter().all(|ca| all.contains(ca)) && all.iter().all(|ca| bundle.contains(ca)));
    the_issuers_are_found(host, &chain, &bundle);
}

/// What follows each `@` at the beginning of a line, until the next.
fn parts(input: &[u8]) -> impl Iterator<Item = &[u8]> {
    let begins = |at: &usize| input[*at] == b'\n' && input.get(at + 1) == Some(&b'@');
    let mut begins = (0..input.len()).filter(begins).peekable();
    std::iter::from_fn(move || {
        let begin = begins.next()? + 2;
        Some(&input[begin..begins.peek().copied().unwrap_or(input.len())])
    })
}

fn each_block_is_found(host: &Host, file: &[u8]) {
    let all = host.all_in(file);
    let without_mark = file.strip_prefix("\u{feff}".as_bytes()).unwrap_or(file);
    let mut lines = without_mark.split(|byte| *byte == b'\n');
    let has_block = lines.any(|line| line.trim_ascii_end() == BEGIN);
    assert!(all.is_none() || has_block, "a certificate without a block");
    let all = all.unwrap_or_default();
    let text: Vec<u8> = file.iter().copied().filter(|byte| !is_space(*byte)).collect();
    for certificate in &all {
        let digits = base64(certificate);
        let is_same = |block: &[u8]| {
            let padding = block.iter().rev().take_while(|byte| **byte == b'=').count();
            let block = &block[..block.len() - padding];
            // The last digit may have bits that mean nothing.
            let certain = digits.len().saturating_sub(1);
            block.len() == digits.len() && block[..certain] == digits[..certain]
        };
        // No base64 has a dash, and the lines around it end and begin with one.
        assert!(text.split(|byte| *byte == b'-').any(is_same), "it is not in the file");
    }
    the_issuers_are_found(host, &all, &all);
}

/// Of a longer certificate, too little may be decoded to find its names. Then it counts as an issuer.
const DECODED_BYTES: usize = 1000;

fn the_issuers_are_found(host: &Host, chain: &[Certificate], bundle: &[Certificate]) {
    let Some(found) = host.issuers(chain) else {
        assert!(bundle.is_empty());
        return;
    };
    for (index, certificate) in found.iter().enumerate() {
        assert!(bundle.contains(certificate), "a certificate that is not in the bundle");
        assert!(!found[..index].contains(certificate), "a certificate twice");
    }
    let issuers: Vec<_> = chain.iter().filter_map(issuer).collect();
    let all_are_read = issuers.len() == chain.len();
    for ca in bundle {
        let Some(subject) = subject(ca) else { continue };
        if issuers.contains(&subject) {
            assert!(found.contains(ca), "an issuer is missing");
        } else if all_are_read && ca.len() <= DECODED_BYTES {
            assert!(!found.contains(ca), "a certificate that issued none of the chain");
        }
    }
}

fn issuer(certificate: &Certificate) -> Option<Vec<u8>> {
    EndEntityCert::try_from(certificate).ok().map(|read| read.issuer().to_vec())
}

fn subject(certificate: &Certificate) -> Option<Vec<u8>> {
    anchor_from_trusted_cert(certificate).ok().map(|read| read.subject.to_vec())
}

// ---- the host ----------------------------------------------------------------------------------

/// A host with one file of CA certificates.
struct Host {
    file: PathBuf,
    store: CaStore,
}

impl Host {
    fn of(folder: &Path) -> Self {
        let file = folder.join("ca.pem");
        let path = file.to_str().expect("a path in UTF-8");
        let environment = Environment::at_root("/no-such-folder").with("SSL_CERT_FILE", path);
        Self { store: CaStore::of(&environment), file }
    }

    /// All CA certificates, if the file has this content: any may have issued what is no certificate.
    fn all_in(&self, content: &[u8]) -> Option<Vec<Certificate>> {
        std::fs::write(&self.file, content).expect("the file is written");
        let all = self.issuers(&[Certificate::from(Vec::new())]);
        assert_eq!(self.store.check().is_ok(), all.is_some());
        all
    }

    /// None if there are no CA certificates.
    fn issuers(&self, chain: &[Certificate]) -> Option<Vec<Certificate>> {
        let chain: Vec<_> = chain.iter().collect();
        match self.store.issuers(&chain) {
            Ok(found) => Some(found),
            Err(Error::Other(why)) if why.is::<NoCaCertificates>() => {
                check_message(&why.to_string());
                None
            }
            Err(other) => panic!("{other}"),
        }
    }
}

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
const END: &[u8] = b"-----END CERTIFICATE-----";

/// Two blocks that are no certificate, and text.
const OTHERS: &str = "\
# not trusted
-----BEGIN TRUSTED CERTIFICATE-----
MIIB
-----END TRUSTED CERTIFICATE-----
-----BEGIN X509 CRL-----
MIIB
-----END X509 CRL-----
";

/// How a file of certificates is written.
#[derive(Clone, Copy)]
struct Style(u8);

impl Style {
    fn has(self, bit: u8) -> bool {
        self.0 & bit != 0
    }

    fn sends_the_bundle(self) -> bool {
        self.has(0x40)
    }

    fn file(self, bundle: &[Certificate]) -> Vec<u8> {
        let width = [64, 76, 4, 1, 63, 65, 3, usize::MAX][usize::from(self.0 & 7)];
        let line_end: &[u8] = if self.has(8) { b"\r\n" } else { b"\n" };
        let mut file = Vec::new();
        if self.has(0x10) {
            file.extend_from_slice("\u{feff}".as_bytes());
        }
        for der in bundle {
            if self.has(0x20) {
                file.extend_from_slice(OTHERS.as_bytes());
            }
            let mut digits = base64(der);
            digits.resize(digits.len().next_multiple_of(4), b'=');
            for line in [BEGIN].into_iter().chain(digits.chunks(width)).chain([END]) {
                file.extend_from_slice(line);
                file.extend_from_slice(line_end);
            }
        }
        if self.has(0x80) {
            file.truncate(file.trim_ascii_end().len());
        }
        file
    }
}

/// In base64, without padding.
fn base64(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut digits = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0, |bits, byte| bits << 8 | usize::from(*byte));
        let bits = bits << (8 * (3 - three.len()));
        let four = [18, 12, 6, 0].map(|shift| DIGITS[bits >> shift & 63]);
        digits.extend_from_slice(&four[..=three.len()]);
    }
    digits
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ')
}
