//! Certification authority authorization: whether a zone lets this authority issue (RFC 8659, RFC 8657).

use hickory_proto::rr::rdata::CAA;

use super::directory::CAA_IDENTITY;
use super::lookup::{self, Resolver};
use super::problem::{Kind, Problem};

/// What is about to be issued, and on what proof.
#[derive(Debug, Clone, Copy)]
pub(super) struct Intent<'a> {
    pub(super) name: &'a str,
    pub(super) wildcard: bool,
    /// `dns-01` or `http-01`.
    pub(super) method: &'a str,
    /// Last part of the account's URL.
    pub(super) account: &'a str,
}

/// Climbs from the name to the nearest ancestor with CAA records and judges by those.
pub(super) async fn check(resolver: &Resolver, intent: Intent<'_>) -> Result<(), Problem> {
    let mut at = intent.name;
    loop {
        let records = lookup::caa(resolver, at).await?;
        if !records.is_empty() {
            return judge(&records, intent)
                .map_err(|reason| Problem::new(Kind::Caa, format!("CAA record of {at} {reason}")));
        }
        match at.split_once('.') {
            Some((_, parent)) => at = parent,
            None => return Ok(()),
        }
    }
}

fn judge(records: &[CAA], intent: Intent<'_>) -> Result<(), String> {
    let known = ["issue", "issuewild", "iodef", "issuemail", "contactemail", "contactphone"];
    let tag = |caa: &CAA| caa.tag.to_ascii_lowercase();
    if let Some(strange) =
        records.iter().find(|caa| caa.issuer_critical && !known.contains(&tag(caa).as_str()))
    {
        return Err(format!("has the critical property {}, which is unknown here", strange.tag));
    }
    let of = |wanted: &str| records.iter().filter(|caa| tag(caa) == wanted).collect::<Vec<_>>();
    let wild = of("issuewild");
    let relevant = if intent.wildcard && !wild.is_empty() { wild } else { of("issue") };
    if relevant.is_empty()
        || relevant.iter().any(|caa| allows(&String::from_utf8_lossy(&caa.value), intent))
    {
        return Ok(());
    }
    Err(format!("does not let {CAA_IDENTITY} issue for {}", intent.name))
}

/// Whether one value, `issuer; parameter=value; ...`, lets us issue.
fn allows(value: &str, intent: Intent<'_>) -> bool {
    let mut parts = value.split(';').map(str::trim);
    let issuer = parts.next().unwrap_or_default().trim_end_matches('.');
    issuer.eq_ignore_ascii_case(CAA_IDENTITY)
        && parts.all(|parameter| match parameter.split_once('=') {
            Some(("validationmethods", methods)) => {
                methods.split(',').any(|m| m.trim() == intent.method)
            }
            Some(("accounturi", uri)) => uri.rsplit('/').next() == Some(intent.account),
            _ => true,
        })
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::rdata::CAA;

    use super::{Intent, judge};

    fn record(tag: &str, value: &str) -> CAA {
        let mut caa = CAA::new_issue(false, None, Vec::new());
        caa.tag = tag.to_owned();
        caa.value = value.as_bytes().to_vec();
        caa
    }

    fn allowed(records: &[CAA], wildcard: bool) -> bool {
        judge(records, Intent { name: "a.example", wildcard, method: "dns-01", account: "id" })
            .is_ok()
    }

    #[test]
    fn an_issue_record_must_name_this_authority() {
        assert!(allowed(&[record("issue", "letsencrypt.org")], false));
        assert!(allowed(
            &[record("issue", "other.example"), record("issue", "LetsEncrypt.org")],
            true
        ));
        assert!(!allowed(&[record("issue", "other.example")], false));
        assert!(!allowed(&[record("issue", ";")], false));
        assert!(allowed(&[record("iodef", "mailto:a@a.example")], false));
    }

    #[test]
    fn issuewild_is_what_counts_for_wildcards() {
        let records = [record("issue", "letsencrypt.org"), record("issuewild", ";")];
        assert!(allowed(&records, false));
        assert!(!allowed(&records, true));
    }

    #[test]
    fn parameters_narrow_the_permission() {
        assert!(allowed(
            &[record("issue", "letsencrypt.org; validationmethods=http-01,dns-01")],
            false
        ));
        assert!(!allowed(&[record("issue", "letsencrypt.org; validationmethods=http-01")], false));
        assert!(allowed(
            &[record("issue", "letsencrypt.org; accounturi=https://ca/acme/account/id")],
            false
        ));
        assert!(!allowed(
            &[record("issue", "letsencrypt.org; accounturi=https://ca/acme/account/other")],
            false
        ));
    }

    #[test]
    fn an_unknown_critical_property_forbids() {
        let mut strange = record("future", "x");
        strange.issuer_critical = true;
        assert!(!allowed(&[strange, record("issue", "letsencrypt.org")], false));
    }
}
