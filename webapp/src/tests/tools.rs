//! What is made for programs: echo, fractal, health, version, and refusals.

use super::*;

const SMALL: &str = "/mandelbrot.png?columns=16&rows=10&iterations=50";

#[tokio::test]
async fn health_and_version_are_plain_json() {
    let health = get("/health-check").await;
    assert_eq!(health.header("content-type"), "application/json");
    assert_eq!(health.text(), r#"{"status":"OK"}"#);
    let version = get("/version").await.json();
    assert_eq!(version["build"], "build-7");
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
}

#[tokio::test]
async fn echo_tells_the_request_as_it_arrived() {
    let headers = [
        ("x-twice", "one"),
        ("x-twice", "two"),
        ("cf-connecting-ip", "203.0.113.7"),
        ("x-forwarded-for", "203.0.113.7, 198.51.100.2"),
    ];
    let told =
        ask(Method::PUT, "/files/echo/a%20b?c=d&c=e", &headers, Body::from("grüße")).await.json();
    assert_eq!(told["app"], "files");
    assert_eq!(told["method"], "PUT");
    assert_eq!(told["path"], "/files/echo/a%20b");
    assert_eq!(told["query"], "c=d&c=e");
    assert_eq!(told["headers"]["x-twice"], serde_json::json!(["one", "two"]));
    assert_eq!(told["body"], serde_json::json!({ "bytes": 7, "text": "grüße" }));
    assert_eq!(
        told["visitor"],
        serde_json::json!([
            { "address": "203.0.113.7", "claimed_by": "CF-Connecting-IP" },
            { "address": "203.0.113.7", "claimed_by": "X-Forwarded-For" },
        ])
    );
}

#[tokio::test]
async fn echo_answers_any_method_and_any_bytes() {
    for method in [Method::DELETE, Method::OPTIONS, Method::PATCH, Method::TRACE] {
        let answer = ask(method.clone(), "/echo", &[], Body::from(vec![0, 255])).await;
        assert_eq!(answer.json()["method"], method.as_str());
        assert_eq!(answer.json()["body"], serde_json::json!({ "bytes": 2, "hex": "00ff" }));
    }
}

#[tokio::test]
async fn a_body_is_read_up_to_one_mebibyte() {
    let largest = ask(Method::POST, "/echo", &[], Body::from(vec![b'a'; 1024 * 1024])).await;
    assert_eq!(largest.json()["body"]["bytes"], 1024 * 1024);
    let larger = ask(Method::POST, "/echo", &[], Body::from(vec![b'a'; 1024 * 1024 + 1])).await;
    assert_eq!(larger.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(larger.header("content-type"), "application/problem+json");
    assert_eq!(larger.json()["detail"], "a body may have at most 1048576 bytes");
}

#[tokio::test]
async fn a_picture_is_a_png_of_the_size_asked_for() {
    for (oversampling, columns, rows) in [(1, 16_u32, 10_u32), (2, 7, 3)] {
        let query = format!("columns={columns}&rows={rows}&oversampling={oversampling}");
        let picture = get(&format!("/mandelbrot.png?{query}")).await;
        assert_eq!(picture.header("content-type"), "image/png");
        assert_eq!(picture.header("cache-control"), "public, max-age=86400");
        let mut reader = png::Decoder::new(std::io::Cursor::new(picture.body)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((frame.width, frame.height), (columns, rows));
        assert!(pixels.chunks_exact(3).any(|pixel| pixel != &pixels[..3]), "one colour only");
    }
}

#[tokio::test]
async fn an_unknown_parameter_is_refused_rather_than_ignored() {
    let answer = get("/mandelbrot.png?zoom=2").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.json()["parameter"], "zoom");
}

#[tokio::test]
async fn head_is_get_without_its_body() {
    for target in ["/", "/health-check", "/no/such/page", SMALL] {
        let full = get(target).await;
        let head = ask(Method::HEAD, target, &[("host", "files.example.org")], Body::empty()).await;
        assert_eq!(head.status, full.status, "{target}");
        assert_eq!(head.header("content-type"), full.header("content-type"), "{target}");
        assert!(head.body.is_empty(), "{target}");
    }
}

#[tokio::test]
async fn another_method_is_refused_and_told_which_would_do() {
    let answer = ask(Method::POST, "/health-check", &[], Body::empty()).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.header("allow"), "GET,HEAD");
    assert_eq!(answer.json()["title"], "Method Not Allowed");
}
