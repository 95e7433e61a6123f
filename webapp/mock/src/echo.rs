//! Endpoints that answer about the request itself, as httpbin's do; every one takes `?delay=` and `?drip=`.

use crate::json::{Json, Object, object};
use crate::random::Random;
use crate::reply::Reply;
use crate::request::{Request, decode_base64, decode_percent, grouped};
use crate::stub::delay::{Dribble, MAX_DELAY};

mod stream;

/// The most bytes that `/bytes` makes.
pub const MAX_BYTES: u64 = 100 * 1024;
/// The most redirects in a row.
pub const MAX_REDIRECTS: u64 = 20;

/// Answers where the path is one of these endpoints, else `None`.
pub fn echo(request: &Request, random: &mut dyn Random) -> Option<Reply> {
    let steps: Vec<String> =
        request.path().trim_start_matches('/').split('/').map(decode_percent).collect();
    let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
    let reply = about(request, &steps).or_else(|| made(request, &steps, random))?;
    Some(composed(request, reply).because("echo"))
}

fn about(request: &Request, steps: &[&str]) -> Option<Reply> {
    let method = request.method.as_str();
    Some(match (method, steps) {
        (_, ["anything", ..]) => Reply::json(200, &everything(request, &["json", "method"])),
        ("GET" | "HEAD", ["get"]) => Reply::json(200, &plain(request)),
        ("POST", ["post"]) | ("PUT", ["put"]) | ("PATCH", ["patch"]) | ("DELETE", ["delete"]) => {
            Reply::json(200, &everything(request, &["json"]))
        }
        (_, ["get" | "post" | "put" | "patch" | "delete"]) => {
            Reply::text(405, "another method is asked for here")
        }
        (_, ["headers"]) => Reply::json(200, &object([("headers", grouped(&request.headers))])),
        (_, ["ip"]) => Reply::json(200, &object([("origin", request.client_ip.as_str().into())])),
        (_, ["user-agent"]) => Reply::json(
            200,
            &object([("user-agent", request.header("user-agent").map(str::to_owned).into())]),
        ),
        (_, ["cookies"]) => Reply::json(200, &object([("cookies", grouped(&request.cookies()))])),
        (_, ["cookies", "set"]) => set_cookies(&request.query()),
        (_, ["cookies", "set", name, value]) => set_cookies(&[((*name).into(), (*value).into())]),
        (_, ["basic-auth", user, password]) => basic_auth(request, user, password),
        (_, ["bearer"]) => bearer(request),
        _ => return None,
    })
}

fn made(request: &Request, steps: &[&str], random: &mut dyn Random) -> Option<Reply> {
    Some(match steps {
        ["status", codes] => status(codes, random),
        ["delay", seconds] => {
            let mut reply = Reply::json(200, &everything(request, &[]));
            match millis(seconds) {
                Some(before) => reply.delay.before = before,
                None => {
                    reply = no_delay(seconds);
                }
            }
            reply
        }
        ["bytes", count] => match count.parse::<u64>() {
            Ok(count) => bytes(request, count, random),
            Err(_) => bad(format!("`{count}` is no number of bytes")),
        },
        ["base64", text] => match decode_base64(&text.replace('-', "+").replace('_', "/")) {
            Some(bytes) => Reply::new(200)
                .with_header("Content-Type", "text/html; charset=utf-8")
                .with_body(bytes),
            None => Reply::text(200, "Incorrect Base64 data try: SFRUUEJJTiBpcyBhd2Vzb21l"),
        },
        ["redirect" | "relative-redirect", count] => redirect(count),
        ["redirect-to"] => match request.query_values("url").first() {
            Some(url)
                if url.starts_with('/')
                    && !url.starts_with("//")
                    && !url.contains(['\r', '\n', '\\']) =>
            {
                Reply::new(302).with_header("Location", url.as_str())
            }
            _ => bad("redirects go to a path of this host only".to_owned()),
        },
        ["json"] => Reply::json(200, &slideshow()),
        ["uuid"] => Reply::json(200, &object([("uuid", random.uuid().into())])),
        ["drip"] => stream::drip(request),
        ["stream", count] => stream::lines(request, count),
        _ => return None,
    })
}

fn no_delay(text: &str) -> Reply {
    bad(format!("`{text}` is no delay; one looks like `2`, `2s` or `500ms`"))
}

fn bad(why: String) -> Reply {
    Reply::text(400, why)
}

/// `?delay=2s` and `?drip=3s` hold for every endpoint.
fn composed(request: &Request, mut reply: Reply) -> Reply {
    if let Some(delay) = request.query_values("delay").first() {
        match millis(delay) {
            Some(before) => reply.delay.before = before,
            None => {
                return bad(format!("`{delay}` is no delay; one looks like `2`, `2s` or `500ms`"));
            }
        }
    }
    if let Some(over) = request.query_values("drip").first().and_then(|text| millis(text)) {
        reply.delay.dribble = Some(Dribble { pieces: 10, over });
    }
    reply
}

/// `2`, `2s`, `1.5s` or `500ms` in milliseconds, [`MAX_DELAY`] at most.
fn millis(text: &str) -> Option<u64> {
    let seconds = match text.strip_suffix("ms") {
        Some(number) => number.parse::<f64>().ok()? / 1_000.0,
        None => text.strip_suffix('s').unwrap_or(text).parse::<f64>().ok()?,
    };
    let duration = std::time::Duration::try_from_secs_f64(seconds).ok()?;
    u64::try_from(duration.as_millis()).ok().map(|millis| millis.min(MAX_DELAY))
}

fn plain(request: &Request) -> Json {
    object([
        ("args", grouped(&request.query())),
        ("headers", grouped(&request.headers)),
        ("origin", request.client_ip.as_str().into()),
        ("url", format!("{}{}", request.base_url(), request.url).into()),
    ])
}

/// All of a request; which of `more` are told differs from endpoint to endpoint, as it does in httpbin.
fn everything(request: &Request, more: &[&str]) -> Json {
    let form = request.form();
    let data = if form.is_empty() { request.text().into_owned() } else { String::new() };
    let mut all = object([
        ("args", grouped(&request.query())),
        ("data", data.into()),
        ("files", Json::Object(Object::new())),
        ("form", grouped(&form)),
        ("headers", grouped(&request.headers)),
        ("json", Json::parse(&request.body).unwrap_or_default()),
        ("method", request.method.as_str().into()),
        ("origin", request.client_ip.as_str().into()),
        ("url", format!("{}{}", request.base_url(), request.url).into()),
    ]);
    if let Some(fields) = all.as_object_mut() {
        fields.retain(|name, _| {
            !["json", "method"].contains(&name.as_str()) || more.contains(&name.as_str())
        });
    }
    all
}

fn set_cookies(pairs: &[(String, String)]) -> Reply {
    let clean = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic() && !";,=\"\\".contains(c))
    };
    let cookies = pairs.iter().filter(|(name, value)| clean(name) && clean(value)).take(50);
    cookies.fold(Reply::new(302).with_header("Location", "/cookies"), |reply, (name, value)| {
        reply.with_header("Set-Cookie", format!("{name}={value}; Path=/"))
    })
}

fn basic_auth(request: &Request, user: &str, password: &str) -> Reply {
    let given = request
        .header("authorization")
        .and_then(|header| header.strip_prefix("Basic "))
        .and_then(decode_base64);
    if given.as_deref() == Some(format!("{user}:{password}").as_bytes()) {
        return Reply::json(200, &object([("authenticated", true.into()), ("user", user.into())]));
    }
    Reply::new(401).with_header("WWW-Authenticate", "Basic realm=\"Fake Realm\"")
}

fn bearer(request: &Request) -> Reply {
    match request.header("authorization").and_then(|header| header.strip_prefix("Bearer ")) {
        Some(token) => {
            Reply::json(200, &object([("authenticated", true.into()), ("token", token.into())]))
        }
        None => Reply::new(401).with_header("WWW-Authenticate", "Bearer"),
    }
}

/// One status, or one of several, such as `200,503`.
fn status(codes: &str, random: &mut dyn Random) -> Reply {
    let codes: Option<Vec<u16>> = codes.split(',').take(50).map(|code| code.parse().ok()).collect();
    let Some(codes) = codes.filter(|codes| codes.iter().all(|code| (200..=599).contains(code)))
    else {
        return bad("a status is from 200 to 599".to_owned());
    };
    let place = usize::try_from(random.below(u64::try_from(codes.len()).unwrap_or(1))).unwrap_or(0);
    let status = codes.get(place).copied().unwrap_or(400);
    let reply = Reply::new(status);
    match status {
        301 | 302 | 303 | 305 | 307 => reply.with_header("Location", "/redirect/1"),
        401 => reply.with_header("WWW-Authenticate", "Basic realm=\"Fake Realm\""),
        407 => reply.with_header("Proxy-Authenticate", "Basic realm=\"Fake Realm\""),
        _ => reply,
    }
}

fn bytes(request: &Request, count: u64, random: &mut dyn Random) -> Reply {
    let seed = request.query_values("seed").first().and_then(|seed| seed.parse::<u64>().ok());
    let mut seeded = crate::random::Seeded(seed.unwrap_or_else(|| random.next()));
    let body: Vec<u8> = (0..count.min(MAX_BYTES)).map(|_| seeded.next().to_le_bytes()[0]).collect();
    Reply::new(200).with_header("Content-Type", "application/octet-stream").with_body(body)
}

fn redirect(count: &str) -> Reply {
    match count.parse::<u64>() {
        Ok(1) => Reply::new(302).with_header("Location", "/get"),
        Ok(count) if (2..=MAX_REDIRECTS).contains(&count) => {
            Reply::new(302).with_header("Location", format!("/relative-redirect/{}", count - 1))
        }
        _ => bad(format!("redirects are from 1 to {MAX_REDIRECTS}")),
    }
}

fn slideshow() -> Json {
    let slide = |title: &str| object([("title", title.into()), ("type", "all".into())]);
    let slides = Json::Array(vec![slide("Wake up to WonderWidgets!"), slide("Overview")]);
    object([(
        "slideshow",
        object([
            ("author", "Yours Truly".into()),
            ("date", "date of publication".into()),
            ("slides", slides),
            ("title", "Sample Slide Show".into()),
        ]),
    )])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seeded;

    fn get(url: &str) -> Reply {
        echo(&Request::new("GET", url), &mut Seeded(1)).unwrap()
    }

    #[test]
    fn a_status_can_be_late() {
        let reply = get("/status/503?delay=2s");
        assert_eq!((reply.status, reply.delay.before), (503, 2_000));
        assert_eq!(get("/status/999").status, 400);
        assert_eq!(get("/delay/1000000").delay.before, MAX_DELAY);
    }

    #[test]
    fn what_was_sent_comes_back() {
        let json = Json::parse(&get("/anything/x?a=1&a=2").body).unwrap();
        assert_eq!(json.pointer("/args/a/1"), Some(&"2".into()));
        assert_eq!(get("/base64/aGk=").body, b"hi");
        assert_eq!(get("/bytes/9999999").body.len(), 102_400);
    }

    #[test]
    fn redirects_count_down_and_never_leave_the_host() {
        assert_eq!(get("/redirect/3").header("location"), Some("/relative-redirect/2"));
        assert_eq!(get("/redirect-to?url=//evil.example").status, 400);
    }

    #[test]
    fn a_password_is_asked_for_and_checked() {
        assert_eq!(get("/basic-auth/u/p").status, 401);
        let request =
            Request::new("GET", "/basic-auth/u/p").with_header("Authorization", "Basic dTpw");
        assert_eq!(echo(&request, &mut Seeded(1)).unwrap().status, 200);
    }

    #[test]
    fn a_drip_is_sent_in_pieces_over_its_time() {
        let reply = get("/drip?numbytes=5&duration=2&code=201");
        let dribble = reply.delay.dribble.unwrap();
        assert_eq!(
            (reply.status, reply.body.len(), dribble.pieces, dribble.over),
            (201, 5, 5, 2_000)
        );
        assert_eq!(get("/stream/3").body.iter().filter(|b| **b == b'\n').count(), 3);
        assert!(echo(&Request::new("GET", "/other"), &mut Seeded(1)).is_none());
    }
}
