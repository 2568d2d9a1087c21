//! The proxy that the environment names, by the conventions of curl.

use ureq::Proxy;

use crate::environment::Environment;

/// The proxy for `https`, if one is named. The error is a sentence; it does not repeat the value,
/// which may hold a password.
pub fn from_environment(environment: &Environment) -> Result<Option<Proxy>, String> {
    let variables = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
    let Some((name, value)) = variables.iter().find_map(|n| Some((*n, environment.get(n)?))) else {
        return Ok(None);
    };
    let malformed = |_| {
        format!("{name} names no usable proxy; expected http://host:port or socks5://host:port")
    };
    let named = Proxy::new(value).map_err(malformed)?;

    let mut builder = Proxy::builder(named.protocol()).host(named.host()).port(named.port());
    if let Some(user) = named.username() {
        builder = builder.username(user);
    }
    if let Some(password) = named.password() {
        builder = builder.password(password);
    }
    let exceptions = environment.get("no_proxy").or_else(|| environment.get("NO_PROXY"));
    for host in exceptions.unwrap_or_default().split(',').map(str::trim).filter(|h| !h.is_empty()) {
        builder = builder.no_proxy(host);
        // To curl a name stands for the hosts below it too.
        if !host.starts_with(['.', '*']) {
            builder = builder.no_proxy(&format!(".{host}"));
        }
    }
    builder.build().map(Some).map_err(malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(variables: &[(&'static str, &str)]) -> Result<Option<Proxy>, String> {
        let environment = variables
            .iter()
            .fold(Environment::at_root("/nowhere"), |e, (name, value)| e.with(name, *value));
        from_environment(&environment)
    }

    #[test]
    fn no_variable_is_no_proxy() {
        assert!(proxy(&[]).unwrap().is_none());
        assert!(proxy(&[("HTTPS_PROXY", "")]).unwrap().is_none());
    }

    #[test]
    fn the_variable_for_https_comes_before_the_one_for_all() {
        let found = proxy(&[("ALL_PROXY", "http://all:1"), ("HTTPS_PROXY", "http://tls:2")]);
        let found = found.unwrap().unwrap();
        assert_eq!((found.host(), found.port()), ("tls", 2));
    }

    #[test]
    fn credentials_are_kept_and_never_told() {
        let found = proxy(&[("https_proxy", "http://me:secret@proxy:3128")]).unwrap().unwrap();
        assert_eq!((found.username(), found.password()), (Some("me"), Some("secret")));
        let error = proxy(&[("https_proxy", "gopher://me:secret@proxy")]).unwrap_err();
        assert!(error.contains("https_proxy") && !error.contains("secret"), "{error}");
    }

    #[test]
    fn hosts_and_those_below_them_are_excepted() {
        let found = proxy(&[("https_proxy", "http://p:1"), ("no_proxy", "example.com, .local")]);
        let found = found.unwrap().unwrap();
        let excepted = |url: &str| found.is_no_proxy(&url.parse().unwrap());
        assert!(excepted("https://example.com/") && excepted("https://a.example.com/"));
        assert!(excepted("https://x.local/") && !excepted("https://check.percona.com/"));
    }
}
