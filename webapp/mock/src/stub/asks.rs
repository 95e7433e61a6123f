//! What a stub (or a search of the journal) asks of a request.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::url::UrlPattern;
use crate::fields::{Field, Fields};
use crate::json::Json;
use crate::pattern::{MultiPattern, Pattern, Subject, read};
use crate::refusal::Refusal;
use crate::request::{Request, encode_base64, gathered, multipart};

/// Matchers of the fields of a request; all have to accept.
#[derive(Debug, Clone, Default)]
pub struct RequestPattern {
    /// Accepted methods; none stands for any.
    pub methods: Option<Vec<String>>,
    pub url: UrlPattern,
    pub scheme: Option<String>,
    pub host: Option<Pattern>,
    pub port: Option<u16>,
    pub client_ip: Option<Pattern>,
    pub headers: Named,
    pub query: Named,
    pub cookies: Named,
    pub form: Named,
    pub path_parameters: Named,
    pub body: Vec<Pattern>,
    pub parts: Vec<PartPattern>,
}

/// Matchers by the name of what they are for.
pub type Named = Vec<(String, MultiPattern)>;

/// Matchers of a part of a multipart body.
#[derive(Debug, Clone)]
pub struct PartPattern {
    every: bool,
    headers: Named,
    body: Vec<Pattern>,
}

impl RequestPattern {
    /// Reads the `request` of a mapping.
    pub(crate) fn read(field: &Field<'_>) -> Result<Self, Refusal> {
        let mut fields = field.fields()?;
        for name in ["customMatcher", "hasInlineCustomMatcher"] {
            if fields.take(name).is_some_and(|field| *field.value != Json::Bool(false)) {
                return Err(
                    fields.refuse(format!("`{name}` is not supported: there is no code to call"))
                );
            }
        }
        let mut headers = named(&mut fields, "headers")?;
        headers.extend(basic_auth(&mut fields)?);
        let pattern = Self {
            methods: methods(&mut fields)?,
            url: UrlPattern::read(&mut fields)?,
            scheme: fields.text("scheme")?,
            host: fields.take("host").map(|field| read::pattern(&field)).transpose()?,
            port: fields.number("port")?.and_then(|port| u16::try_from(port).ok()),
            client_ip: fields.take("clientIp").map(|field| read::pattern(&field)).transpose()?,
            headers,
            query: named(&mut fields, "queryParameters")?,
            cookies: named(&mut fields, "cookies")?,
            form: named(&mut fields, "formParameters")?,
            path_parameters: named(&mut fields, "pathParameters")?,
            body: list(&mut fields, "bodyPatterns", read::pattern)?,
            parts: list(&mut fields, "multipartPatterns", PartPattern::read)?,
        };
        if !pattern.path_parameters.is_empty() && !matches!(pattern.url, UrlPattern::Template(_)) {
            return Err(fields.refuse("pathParameters need a urlPathTemplate"));
        }
        fields.finish()?;
        Ok(pattern)
    }

    /// Whether every matcher accepts.
    #[must_use]
    pub fn accepts(&self, seen: &Seen<'_>) -> bool {
        self.accepts_method(&seen.request.method)
            && self.url.accepts(seen.request)
            && self.accepts_origin(seen)
            && all(&self.headers, seen, |name| seen.headers(name))
            && all(&self.query, seen, |name| values(seen.query(), name))
            && self.cookies.iter().all(|(name, pattern)| {
                accepts_cookie(pattern, &values(seen.cookies(), name), seen.now)
            })
            && all(&self.form, seen, |name| values(seen.form(), name))
            && self.accepts_path(seen)
            && (self.body.is_empty()
                || self.body.iter().all(|pattern| pattern.accepts(&seen.body())))
            && self.parts.iter().all(|part| part.accepts(seen))
    }

    #[must_use]
    pub fn accepts_method(&self, method: &str) -> bool {
        self.methods.as_ref().is_none_or(|methods| methods.iter().any(|m| m == method))
    }

    fn accepts_origin(&self, seen: &Seen<'_>) -> bool {
        let request = seen.request;
        let text = |text| Subject::text(Some(text), seen.now);
        self.scheme.as_ref().is_none_or(|scheme| *scheme == request.scheme)
            && self.host.as_ref().is_none_or(|host| host.accepts(&text(&request.host)))
            && self.port.is_none_or(|port| port == request.port)
            && self.client_ip.as_ref().is_none_or(|ip| ip.accepts(&text(&request.client_ip)))
    }

    fn accepts_path(&self, seen: &Seen<'_>) -> bool {
        if self.path_parameters.is_empty() {
            return true;
        }
        let variables = self.variables(seen.request);
        all(&self.path_parameters, seen, |name| values(&variables, name))
    }

    /// The variables of the path, where the URL is a template.
    #[must_use]
    pub fn variables(&self, request: &Request) -> Vec<(String, String)> {
        match &self.url {
            UrlPattern::Template(template) => {
                template.variables(request.path()).unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }
}

fn all<'v>(named: &Named, seen: &Seen<'_>, find: impl Fn(&str) -> Vec<&'v str>) -> bool {
    named.iter().all(|(name, pattern)| pattern.accepts(&find(name), seen.now))
}

/// WireMock asks only `absent` about a cookie that is not there.
fn accepts_cookie(pattern: &MultiPattern, values: &[&str], now: i64) -> bool {
    let about_absence = matches!(pattern, MultiPattern::Any(Pattern::Absent));
    (about_absence || !values.is_empty()) && pattern.accepts(values, now)
}

/// The values of a name.
#[must_use]
pub fn values<'v>(pairs: &'v [(String, String)], name: &str) -> Vec<&'v str> {
    pairs.iter().filter(|(n, _)| n == name).map(|(_, value)| value.as_str()).collect()
}

fn methods(fields: &mut Fields<'_>) -> Result<Option<Vec<String>>, Refusal> {
    let Some(field) = fields.take("method") else { return Ok(None) };
    if field.value.as_object().is_some() {
        let mut inner = field.fields()?;
        let one_of =
            inner.take("oneOf").ok_or_else(|| field.refuse("expected a method or `oneOf`"))?;
        let methods = one_of
            .items()?
            .iter()
            .map(|m| Ok(m.text()?.to_ascii_uppercase()))
            .collect::<Result<_, _>>()?;
        inner.finish()?;
        return Ok(Some(methods));
    }
    let method = field.text()?.to_ascii_uppercase();
    Ok(match method.as_str() {
        "ANY" => None,
        "GET_OR_HEAD" => Some(vec!["GET".to_owned(), "HEAD".to_owned()]),
        _ => Some(vec![method]),
    })
}

fn named(fields: &mut Fields<'_>, name: &str) -> Result<Named, Refusal> {
    let Some(field) = fields.take(name) else { return Ok(Vec::new()) };
    let entries = field.entries()?;
    entries.into_iter().map(|(name, field)| Ok((name.to_owned(), read::multi(&field)?))).collect()
}

fn list<T>(
    fields: &mut Fields<'_>,
    name: &str,
    read: impl Fn(&Field<'_>) -> Result<T, Refusal>,
) -> Result<Vec<T>, Refusal> {
    fields.take(name).map_or(Ok(Vec::new()), |field| field.items()?.iter().map(read).collect())
}

fn basic_auth(fields: &mut Fields<'_>) -> Result<Option<(String, MultiPattern)>, Refusal> {
    let Some(field) = fields.take("basicAuthCredentials").or_else(|| fields.take("basicAuth"))
    else {
        return Ok(None);
    };
    let mut inner = field.fields()?;
    let (user, password) = (inner.text("username")?, inner.text("password")?);
    inner.finish()?;
    let (Some(user), Some(password)) = (user, password) else {
        return Err(field.refuse("username and password are needed"));
    };
    let value = format!("Basic {}", encode_base64(format!("{user}:{password}").as_bytes()));
    let pattern = Pattern::EqualTo { value, ignore_case: false };
    Ok(Some(("Authorization".into(), MultiPattern::Any(pattern))))
}

impl PartPattern {
    fn read(field: &Field<'_>) -> Result<Self, Refusal> {
        let mut fields = field.fields()?;
        let every = match fields.text("matchingType")?.as_deref() {
            None | Some("ANY") => false,
            Some("ALL") => true,
            Some(other) => {
                return Err(fields.refuse(format!("matchingType is ANY or ALL, not `{other}`")));
            }
        };
        // WireMock takes both for labels; what matches a part's name is a pattern of Content-Disposition.
        fields.text("name")?;
        fields.text("fileName")?;
        let part = Self {
            every,
            headers: named(&mut fields, "headers")?,
            body: list(&mut fields, "bodyPatterns", read::pattern)?,
        };
        fields.finish()?;
        Ok(part)
    }

    fn accepts(&self, seen: &Seen<'_>) -> bool {
        let parts = seen.parts();
        let accepts = |part: &multipart::Part| self.accepts_part(part, seen.now);
        !parts.is_empty()
            && if self.every { parts.iter().all(accepts) } else { parts.iter().any(accepts) }
    }

    fn accepts_part(&self, part: &multipart::Part, now: i64) -> bool {
        let header = |name: &str| -> Vec<&str> {
            part.headers
                .iter()
                .filter(|(n, _)| n.eq_ignore_ascii_case(name))
                .map(|(_, v)| v.as_str())
                .collect()
        };
        let subject = Subject { bytes: Some(&part.body), text: None, json: None, now };
        self.headers.iter().all(|(name, pattern)| pattern.accepts(&header(name), now))
            && self.body.iter().all(|pattern| pattern.accepts(&subject))
    }
}

/// A request whose views are made once, when the first matcher asks for them.
#[derive(Debug)]
pub struct Seen<'r> {
    pub request: &'r Request,
    /// Milliseconds since 1970.
    pub now: i64,
    query: OnceCell<Vec<(String, String)>>,
    cookies: OnceCell<Vec<(String, String)>>,
    form: OnceCell<Vec<(String, String)>>,
    text: OnceCell<Cow<'r, str>>,
    json: OnceCell<Option<Json>>,
    parts: OnceCell<Vec<multipart::Part>>,
}

impl<'r> Seen<'r> {
    #[must_use]
    pub fn new(request: &'r Request, now: i64) -> Self {
        Self {
            request,
            now,
            query: OnceCell::new(),
            cookies: OnceCell::new(),
            form: OnceCell::new(),
            text: OnceCell::new(),
            json: OnceCell::new(),
            parts: OnceCell::new(),
        }
    }

    #[must_use]
    pub fn headers(&self, name: &str) -> Vec<&'r str> {
        let same = |(n, _): &&'r (String, String)| n.eq_ignore_ascii_case(name);
        self.request.headers.iter().filter(same).map(|(_, value)| value.as_str()).collect()
    }

    #[must_use]
    pub fn query(&self) -> &[(String, String)] {
        self.query.get_or_init(|| self.request.query())
    }

    #[must_use]
    pub fn cookies(&self) -> &[(String, String)] {
        self.cookies.get_or_init(|| self.request.cookies())
    }

    #[must_use]
    pub fn form(&self) -> &[(String, String)] {
        self.form.get_or_init(|| self.request.form())
    }

    /// The body as JSON, where it is.
    #[must_use]
    pub fn json(&self) -> Option<&Json> {
        self.json.get_or_init(|| Json::parse(&self.request.body).ok()).as_ref()
    }

    #[must_use]
    pub fn parts(&self) -> &[multipart::Part] {
        self.parts.get_or_init(|| multipart::parts(self.request))
    }

    #[must_use]
    pub fn body(&self) -> Subject<'_> {
        let bytes = (!self.request.body.is_empty()).then_some(self.request.body.as_slice());
        let text = bytes.map(|_| self.text.get_or_init(|| self.request.text()).as_ref());
        Subject { bytes, text, json: self.json(), now: self.now }
    }

    /// The query parameters by name.
    #[must_use]
    pub fn query_by_name(&self) -> indexmap::IndexMap<String, Vec<String>> {
        gathered(self.query())
    }
}
