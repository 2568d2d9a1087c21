//! The CA certificates of the host, which TLS trusts.

use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use ureq::Error;

use super::pem::{Names, Visit, each_block};
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
pub struct CaStore(Environment);

impl CaStore {
    /// In the files of this environment's host, or in those that its variables name.
    pub fn of(environment: &Environment) -> Self {
        Self(environment.clone())
    }

    /// What OpenSSL's variables name.
    fn named_paths(&self) -> Vec<PathBuf> {
        let file = self.0.get("SSL_CERT_FILE").map(PathBuf::from);
        let folders = self.0.get("SSL_CERT_DIR").map(std::env::split_paths);
        file.into_iter().chain(folders.into_iter().flatten()).collect()
    }

    /// Whether there are certificates at all. If there are none: [`NoCaCertificates`].
    pub fn check(&self) -> Result<(), Error> {
        self.visit(&mut |_| ControlFlow::Break(()))
    }

    /// The certificates that may have issued those of this chain: all that bear the name of one of
    /// its issuers.
    pub fn issuers(
        &self,
        chain: &[&CertificateDer<'_>],
    ) -> Result<Vec<CertificateDer<'static>>, Error> {
        let names: Option<Vec<Names>> = chain.iter().map(|der| Names::in_der(der)).collect();
        // In doubt it may be: this selection saves time, and is no decision to trust.
        let is_issuer = |block: &[u8]| match (&names, Names::in_block(block)) {
            (Some(chain), Some(ca)) => chain.iter().any(|names| names.issuer == ca.subject),
            _ => true,
        };
        let mut found = Vec::new();
        self.visit(&mut |block| {
            if is_issuer(block)
                && let Ok(der) = CertificateDer::from_pem_slice(block)
                // Paths of variables may have duplicates: in a folder each certificate has two names.
                && !found.contains(&der)
            {
                found.push(der);
            }
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }

    /// Visits the PEM block of each certificate.
    fn visit(&self, visit: Visit<'_>) -> Result<(), Error> {
        let named = self.named_paths();
        // All that the variables name is read. Of the usual paths only the first that has certificates
        // is read: the others have the same ones.
        let from_variables = !named.is_empty();
        let usual = BUNDLES.iter().chain(&FOLDERS).filter(|_| !from_variables);
        let mut why = String::new();
        let mut is_found = false;
        for path in named.into_iter().chain(usual.map(|path| self.0.below_root(path))) {
            let mut is_here = false;
            let read = read(&path, &mut |block| {
                is_here = true;
                visit(block)
            });
            match read {
                Ok(ControlFlow::Break(())) => return Ok(()),
                Ok(_) if is_here => is_found = true,
                Ok(_) if from_variables => {
                    why = format!(
                        " ({} holds no BEGIN CERTIFICATE block; files in DER form and TRUSTED \
                         CERTIFICATE blocks are not read)",
                        path.display()
                    );
                }
                Err(e) if is_transient(&e) => {
                    let why = format!("{} cannot be read: {e}", path.display());
                    return Err(Error::Io(io::Error::other(why)));
                }
                Err(e) if from_variables || e.kind() != ErrorKind::NotFound => {
                    why = format!(" ({} cannot be read: {e})", path.display());
                }
                // Most usual paths do not exist.
                Ok(_) | Err(_) => {}
            }
            if is_found && !from_variables {
                break;
            }
        }
        if is_found {
            return Ok(());
        }
        Err(Error::Other(Box::new(NoCaCertificates(format!(
            "no CA certificates found{why}; install the package ca-certificates, or name a PEM \
             file of them in SSL_CERT_FILE"
        )))))
    }
}

/// No CA certificate was found on this host; a sentence that says where.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NoCaCertificates(String);

/// The certificates of a file, or of all files of a folder.
fn read(path: &Path, visit: Visit<'_>) -> io::Result<ControlFlow<()>> {
    if !path.is_dir() {
        return read_file(path, visit);
    }
    for entry in path.read_dir()? {
        let path = entry?.path();
        // An unreadable file is skipped: such a folder also has other things than certificates.
        if path.is_file() && matches!(read_file(&path, visit), Ok(ControlFlow::Break(()))) {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

fn read_file(path: &Path, visit: Visit<'_>) -> io::Result<ControlFlow<()>> {
    // The whole file at once would be the largest allocation of the library.
    let mut file = BufReader::with_capacity(BUFFER_BYTES, open_regular(path)?.take(MAX_FILE_BYTES));
    if file.fill_buf()?.starts_with(BYTE_ORDER_MARK) {
        file.consume(BYTE_ORDER_MARK.len());
    }
    each_block(file, visit)
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
        // What is no certificate may be any CA's.
        let store = CaStore::of(&environment);
        let found = store.check().and_then(|()| store.issuers(&[]));
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
    fn of_a_file_those_are_found_that_may_have_issued_the_chain() {
        let [one, two] = ["one", "two"].map(|name| {
            let mut params = rcgen::CertificateParams::default();
            params.distinguished_name.push(rcgen::DnType::CommonName, name);
            params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap()
        });
        let root = tempfile::tempdir().unwrap();
        let bundle = root.path().join("etc/ssl/cert.pem");
        std::fs::create_dir_all(bundle.parent().unwrap()).unwrap();
        std::fs::write(bundle, format!("{}{}", one.pem(), two.pem())).unwrap();
        let store = CaStore::of(&Environment::at_root(root.path()));
        assert_eq!(store.issuers(&[two.der()]).unwrap(), [two.der().clone()]);
        assert_eq!(store.issuers(&[]).unwrap(), []);
    }

    /// How many certificates are read from a file with this text.
    fn blocks_in(text: &str) -> usize {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let mut count = 0;
        let end = read_file(file.path(), &mut |_| {
            count += 1;
            ControlFlow::Continue(())
        });
        assert_eq!(end.unwrap(), ControlFlow::Continue(()));
        count
    }

    #[test]
    fn a_byte_order_mark_hides_no_certificate_and_a_trusted_block_is_none() {
        assert_eq!(blocks_in(&format!("\u{feff}{}", pem("AB"))), 2);
        let distrusted = pem("C").replace("CERTIFICATE", "TRUSTED CERTIFICATE");
        assert_eq!(blocks_in(&format!("{distrusted}{}", pem("A"))), 1);
        assert_eq!(blocks_in(&distrusted), 0);
    }

    #[test]
    fn of_a_file_eight_mebibytes_are_read() {
        let end = pem("A");
        for (length, found) in [(8 << 20, 1), ((8 << 20) + end.len(), 0)] {
            let text = format!("{}{end}", "\n".repeat(length - end.len()));
            assert_eq!(blocks_in(&text), found, "{length}");
        }
    }

    #[test]
    fn what_cannot_be_read_for_now_is_no_lack_of_certificates() {
        // Nothing is mapped at address 0.
        let environment = Environment::at_root("/").with("SSL_CERT_FILE", "/proc/self/mem");
        let error = CaStore::of(&environment).check().unwrap_err();
        assert!(matches!(error, Error::Io(_)), "{error:?}");
        let why = "/proc/self/mem cannot be read: Input/output error (os error 5)";
        assert!(error.to_string().contains(why), "{error}");
    }

    #[test]
    fn without_any_the_error_says_what_to_do() {
        for files in [&[][..], &[("etc/ssl/cert.pem", "")]] {
            let error = found(files, &[]).unwrap_err();
            assert!(error.starts_with("no CA certificates found; install the package"), "{error}");
        }
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("etc/ssl")).unwrap();
        let socket = std::os::unix::net::UnixListener::bind(root.path().join("etc/ssl/cert.pem"));
        let error = CaStore::of(&Environment::at_root(root.path())).check().unwrap_err();
        assert!(error.to_string().contains("/etc/ssl/cert.pem cannot be read"), "{error}");
        drop(socket);
        let error = found(&[], &[("SSL_CERT_FILE", "/dev/null")]).unwrap_err();
        assert!(error.contains("/dev/null cannot be read: is not a regular file"), "{error}");
        let error = found(&[], &[("SSL_CERT_FILE", "~/gone.pem")]).unwrap_err();
        assert!(error.contains("/gone.pem cannot be read: No such file"), "{error}");
        let error = found(&[("ca.pem", "")], &[("SSL_CERT_FILE", "~/ca.pem")]).unwrap_err();
        assert!(error.contains("/ca.pem holds no BEGIN CERTIFICATE block"), "{error}");
    }
}
