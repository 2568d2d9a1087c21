//! The CA certificates of the host, which TLS trusts.

use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};
use ureq::Error;
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};

use crate::environment::host_files::is_transient;
use crate::environment::{Environment, open_regular};

/// Files in which distributions keep all CA certificates.
const BUNDLES: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt", // Debian, Ubuntu, Alpine, Arch
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // Red Hat and its relatives, Fedora
    "/etc/pki/tls/certs/ca-bundle.crt",   // their older releases, Amazon Linux
    "/etc/ssl/ca-bundle.pem",             // SUSE
    "/etc/ssl/cert.pem",
];

/// Folders in which they keep one file for each.
const FOLDERS: [&str; 2] = ["/etc/ssl/certs", "/etc/pki/tls/certs"];

/// How much of a file is read; the bundles of today's distributions have a quarter of a megabyte.
const MAX_FILE_BYTES: u64 = 8 * 1024 * 1024;
/// How much is read at a time.
const BUFFER_BYTES: usize = 32 * 1024;

/// Editors on Windows put it at the start of a file.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Where the CA certificates are.
#[derive(Clone, Debug)]
pub struct CaStore {
    paths: Vec<PathBuf>,
    /// Whether OpenSSL's variables name the paths. Then all are read. Of the usual paths only the
    /// first that has certificates is read: the others have the same ones, and reading all would be
    /// most of the work of an attempt.
    from_variables: bool,
}

impl CaStore {
    pub fn from_environment(environment: &Environment) -> Self {
        let file = environment.get("SSL_CERT_FILE").map(PathBuf::from);
        let folders = environment.get("SSL_CERT_DIR").map(std::env::split_paths);
        let named: Vec<_> = file.into_iter().chain(folders.into_iter().flatten()).collect();
        if !named.is_empty() {
            return Self { paths: named, from_variables: true };
        }
        let defaults = BUNDLES.iter().chain(&FOLDERS).map(|path| environment.below_root(path));
        Self { paths: defaults.collect(), from_variables: false }
    }

    /// TLS 1.2 and 1.3; certificates are always verified. If there are none: [`NoCaCertificates`].
    pub fn tls_config(&self) -> Result<TlsConfig, Error> {
        let roots: RootCerts = self.certificates()?.into();
        Ok(TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .root_certs(roots)
            .build())
    }

    fn certificates(&self) -> Result<Vec<Certificate<'static>>, Error> {
        let mut found = Vec::new();
        let mut why = String::new();
        for path in &self.paths {
            match read(path) {
                Ok(certificates) if certificates.is_empty() && self.from_variables => {
                    why = format!(
                        " ({} holds no BEGIN CERTIFICATE block; files in DER form and TRUSTED \
                         CERTIFICATE blocks are not read)",
                        path.display()
                    );
                }
                Ok(certificates) => found.extend(certificates),
                Err(e) if is_transient(&e) => {
                    let why = format!("{} cannot be read: {e}", path.display());
                    return Err(Error::Io(io::Error::other(why)));
                }
                Err(e) if self.from_variables || e.kind() != ErrorKind::NotFound => {
                    why = format!(" ({} cannot be read: {e})", path.display());
                }
                // Most usual paths do not exist.
                Err(_) => {}
            }
            if !found.is_empty() && !self.from_variables {
                break;
            }
        }
        if found.is_empty() {
            return Err(Error::Other(Box::new(NoCaCertificates(format!(
                "no CA certificates found{why}; install the package ca-certificates, or name a \
                 PEM file of them in SSL_CERT_FILE"
            )))));
        }
        // Paths of variables may have duplicates: in a folder each certificate has two names.
        found.sort_unstable_by(|a, b| a.der().cmp(b.der()));
        found.dedup_by(|a, b| a.der() == b.der());
        Ok(found)
    }
}

/// No CA certificate was found on this host; a sentence that says where.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NoCaCertificates(String);

/// The certificates of a file, or of all files of a folder.
fn read(path: &Path) -> io::Result<Vec<Certificate<'static>>> {
    if !path.is_dir() {
        return read_file(path);
    }
    let mut found = Vec::new();
    for entry in path.read_dir()? {
        let path = entry?.path();
        // An unreadable file is skipped: such a folder also has other things than certificates.
        if path.is_file() {
            found.extend(read_file(&path).unwrap_or_default());
        }
    }
    Ok(found)
}

fn read_file(path: &Path) -> io::Result<Vec<Certificate<'static>>> {
    // The whole file at once would be the largest allocation of the library.
    let mut file = BufReader::with_capacity(BUFFER_BYTES, open_regular(path)?.take(MAX_FILE_BYTES));
    if file.fill_buf()?.starts_with(BYTE_ORDER_MARK) {
        file.consume(BYTE_ORDER_MARK.len());
    }
    let mut found = Vec::new();
    // OpenSSL's TRUSTED CERTIFICATE blocks may say that a certificate is distrusted: they are skipped.
    for certificate in CertificateDer::pem_reader_iter(file) {
        match certificate {
            Ok(der) => found.push(Certificate::from_der(&der).to_owned()),
            Err(pem::Error::Io(e)) => return Err(e),
            // Anything else than a certificate is skipped.
            Err(_) => {}
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Valid PEM, but not valid certificates: those are for TLS to check.
    fn pem(names: &str) -> String {
        let one =
            |name| format!("-----BEGIN CERTIFICATE-----\nAAA{name}\n-----END CERTIFICATE-----\n");
        names.chars().map(one).collect()
    }

    /// How many certificates are found on a host with these files; each letter is one.
    fn found(files: &[(&str, &str)], variables: &[(&'static str, &str)]) -> Result<usize, String> {
        let root = tempfile::tempdir().unwrap();
        for (name, certificates) in files {
            let path = root.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, pem(certificates)).unwrap();
        }
        let at_root = |value: &str| value.replace('~', root.path().to_str().unwrap());
        let environment =
            variables.iter().fold(Environment::at_root(root.path()), |e, (name, value)| {
                e.with(name, at_root(value))
            });
        let found = CaStore::from_environment(&environment).certificates();
        found.map(|certificates| certificates.len()).map_err(|why| match why {
            Error::Other(why) if why.is::<NoCaCertificates>() => why.to_string(),
            other => panic!("{other}"),
        })
    }

    #[test]
    fn a_bundle_is_enough_and_its_parts_are_not_read_again() {
        let bundle = ("etc/ssl/certs/ca-certificates.crt", "ABC");
        assert_eq!(found(&[bundle, ("etc/ssl/certs/other.pem", "D")], &[]), Ok(3));
    }

    #[test]
    fn without_a_bundle_the_single_files_count() {
        let files = [
            ("etc/ssl/certs/ca-certificates.crt", ""),
            ("etc/ssl/certs/one.pem", "A"),
            ("etc/ssl/certs/two.pem", "B"),
            ("etc/ssl/certs/0a1b2c3d.0", "B"),
            ("etc/ssl/certs/README", ""),
        ];
        assert_eq!(found(&files, &[]), Ok(2));
    }

    #[test]
    fn what_the_variables_name_counts_and_nothing_else() {
        let files = [
            ("etc/ssl/certs/ca-certificates.crt", "ABC"),
            ("own/ca.pem", "D"),
            ("a/x.pem", "E"),
            ("b/y.pem", "DF"),
        ];
        assert_eq!(found(&files, &[("SSL_CERT_FILE", "~/own/ca.pem")]), Ok(1));
        assert_eq!(found(&files, &[("SSL_CERT_DIR", "~/a:~/b")]), Ok(3));
        let both = [("SSL_CERT_FILE", "~/own/ca.pem"), ("SSL_CERT_DIR", "~/b")];
        assert_eq!(found(&files, &both), Ok(2));
    }

    #[test]
    fn a_byte_order_mark_hides_no_certificate_and_a_trusted_block_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        let count = |text: &str| {
            std::fs::write(&file, text).unwrap();
            read_file(&file).unwrap().len()
        };
        assert_eq!(count(&format!("\u{feff}{}", pem("AB"))), 2);
        let distrusted = pem("C").replace("CERTIFICATE", "TRUSTED CERTIFICATE");
        assert_eq!(count(&format!("{distrusted}{}", pem("A"))), 1);
        assert_eq!(count(&distrusted), 0);
    }

    #[test]
    fn without_any_the_error_says_what_to_do() {
        let error = found(&[], &[]).unwrap_err();
        assert!(error.contains("install the package ca-certificates"), "{error}");
        let error = found(&[], &[("SSL_CERT_FILE", "/dev/null")]).unwrap_err();
        assert!(error.contains("/dev/null cannot be read: is not a regular file"), "{error}");
        let error = found(&[], &[("SSL_CERT_FILE", "~/gone.pem")]).unwrap_err();
        assert!(error.contains("/gone.pem cannot be read: No such file"), "{error}");
        let error = found(&[("ca.pem", "")], &[("SSL_CERT_FILE", "~/ca.pem")]).unwrap_err();
        assert!(error.contains("/ca.pem holds no BEGIN CERTIFICATE block"), "{error}");
    }
}
