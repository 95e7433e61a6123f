//! Blobs: how they come in and go out.

use super::super::digest::Digest;
use super::{Bench, code, header};

#[tokio::test]
async fn a_blob_sent_in_chunks_is_read_back_whole_and_in_part() {
    let bench = Bench::new().await;
    let upload = bench.start("web").await;
    for (range, chunk) in [("0-4", "hello"), ("5-10", " world")] {
        let sent = bench.call("PATCH", &upload).header("content-range", range).body(chunk);
        let sent = sent.send().await.unwrap();
        assert_eq!(sent.status(), 202);
        assert_eq!(header(&sent, "range"), format!("0-{}", range.split_once('-').unwrap().1));
    }
    let digest = Digest::of(b"hello world");
    let done = bench.call("PUT", &format!("{upload}?digest={digest}")).send().await.unwrap();
    assert_eq!(done.status(), 201);
    let blob = header(&done, "location");
    assert_eq!(bench.call("GET", &blob).send().await.unwrap().text().await.unwrap(), "hello world");
    let part = bench.call("GET", &blob).header("range", "bytes=6-8").send().await.unwrap();
    assert_eq!(part.status(), 206);
    assert_eq!(header(&part, "content-range"), "bytes 6-8/11");
    assert_eq!(part.text().await.unwrap(), "wor");
    let beyond = bench.call("GET", &blob).header("range", "bytes=11-").send().await.unwrap();
    assert_eq!(beyond.status(), 416);
    let head = bench.call("HEAD", &blob).send().await.unwrap();
    assert_eq!(header(&head, "content-length"), "11");
    assert_eq!(header(&head, "docker-content-digest"), digest.as_str());
}

#[tokio::test]
async fn a_chunk_out_of_order_is_refused_and_the_upload_goes_on_from_its_status() {
    let bench = Bench::new().await;
    let upload = bench.start("web").await;
    let send = async |range: &str, chunk: &'static str| {
        let request = bench.call("PATCH", &upload).header("content-range", range);
        request.body(chunk).send().await.unwrap()
    };
    assert_eq!(send("0-2", "abc").await.status(), 202);
    let refused = send("0-2", "abc").await;
    assert_eq!(refused.status(), 416);
    assert_eq!(header(&refused, "range"), "0-2");
    assert_eq!(send("3-9", "short").await.status(), 400);
    let status = bench.call("GET", &upload).send().await.unwrap();
    assert_eq!(status.status(), 204);
    assert_eq!(header(&status, "range"), "0-2");
    let digest = Digest::of(b"abcdef");
    let finish = bench.call("PUT", &format!("{upload}?digest={digest}"));
    let finish = finish.header("content-range", "3-5").body("def").send().await.unwrap();
    assert_eq!(finish.status(), 201);
}

#[tokio::test]
async fn content_that_is_not_what_its_digest_says_is_thrown_away() {
    let bench = Bench::new().await;
    let upload = bench.start("web").await;
    let digest = Digest::of(b"promised");
    let request = bench.call("PUT", &format!("{upload}?digest={digest}")).body("delivered");
    let refused = request.send().await.unwrap();
    assert_eq!(refused.status(), 400);
    assert_eq!(code(refused).await, "DIGEST_INVALID");
    assert_eq!(bench.call("GET", &upload).send().await.unwrap().status(), 404);
    let blob = format!("/v2/ns/web/blobs/{digest}");
    assert_eq!(bench.call("HEAD", &blob).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn a_blob_is_seen_only_where_it_was_pushed_or_mounted() {
    let bench = Bench::new().await;
    let digest = bench.push_blob("web", b"shared").await;
    let blob = format!("/v2/ns/open/blobs/{digest}");
    assert_eq!(bench.call("HEAD", &blob).send().await.unwrap().status(), 404);
    let mount = |from| format!("/v2/ns/open/blobs/uploads/?mount={digest}&from=ns/{from}");
    let absent = bench.call("POST", &mount("nowhere")).send().await.unwrap();
    assert_eq!(absent.status(), 202);
    let mounted = bench.call("POST", &mount("web")).send().await.unwrap();
    assert_eq!(mounted.status(), 201);
    assert_eq!(header(&mounted, "location"), blob);
    assert_eq!(bench.call("HEAD", &blob).send().await.unwrap().status(), 200);
    assert_eq!(bench.call("DELETE", &blob).send().await.unwrap().status(), 202);
    assert_eq!(bench.call("HEAD", &blob).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn a_cancelled_upload_is_gone_and_belongs_to_one_repository() {
    let bench = Bench::new().await;
    let upload = bench.start("web").await;
    let elsewhere = upload.replace("ns/web", "ns/open");
    assert_eq!(bench.call("GET", &elsewhere).send().await.unwrap().status(), 404);
    assert_eq!(bench.call("DELETE", &upload).send().await.unwrap().status(), 204);
    let gone = bench.call("PATCH", &upload).body("x").send().await.unwrap();
    assert_eq!(gone.status(), 404);
    assert_eq!(code(gone).await, "BLOB_UPLOAD_UNKNOWN");
}

#[tokio::test]
async fn an_upload_is_resumed_after_a_restart() {
    let bench = Bench::new().await;
    let upload = bench.start("web").await;
    assert_eq!(bench.call("PATCH", &upload).body("before ").send().await.unwrap().status(), 202);
    let bench = bench.restart().await;
    let digest = Digest::of(b"before after");
    let finish = bench.call("PUT", &format!("{upload}?digest={digest}")).body("after");
    assert_eq!(finish.send().await.unwrap().status(), 201);
}
