//! Who may do what.

use serde_json::Value;

use super::{Bench, code, header};
use crate::faults::Fault;

#[tokio::test]
async fn a_client_without_credentials_is_sent_to_the_token_service() {
    let bench = Bench::new().await;
    let refused = bench.anonymous("GET", "/v2/").send().await.unwrap();
    assert_eq!(refused.status(), 401);
    let host = &bench.host;
    let expected =
        format!(r#"Bearer realm="http://{host}/20180419/docker/token",service="{host}",scope="""#);
    assert_eq!(header(&refused, "www-authenticate"), expected);
    let refused = bench.anonymous("PUT", "/v2/ns/web/manifests/a").send().await.unwrap();
    assert!(
        header(&refused, "www-authenticate").ends_with(r#"scope="repository:ns/web:pull,push""#)
    );
}

#[tokio::test]
async fn the_account_gets_a_token_that_opens_the_registry() {
    let bench = Bench::new().await;
    let issued = bench.call("GET", "/20180419/docker/token?service=x").send().await.unwrap();
    let body: Value = issued.json().await.unwrap();
    assert_eq!(body["token"], body["access_token"]);
    assert_eq!(body["expires_in"], 3600);
    let token = body["token"].as_str().unwrap();
    let pinged = bench.anonymous("GET", "/v2/").bearer_auth(token).send().await.unwrap();
    assert_eq!(pinged.status(), 200);
    bench.cloud.clock.advance(std::time::Duration::from_secs(3601));
    let expired = bench.anonymous("GET", "/v2/").bearer_auth(token).send().await.unwrap();
    assert_eq!(expired.status(), 401);
    let forged = bench.anonymous("GET", "/v2/").bearer_auth("owner.99999999999.AAAA");
    assert_eq!(forged.send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn a_wrong_password_is_refused_in_the_vendors_words() {
    let bench = Bench::new().await;
    let path = "/20180419/docker/token?service=x&scope=repository:ns/open:pull";
    let request = bench.anonymous("GET", path).basic_auth("ns/ci", Some("wrong"));
    let refused = request.send().await.unwrap();
    assert_eq!(refused.status(), 403);
    let body: Value = refused.json().await.unwrap();
    assert_eq!(body["errors"][0]["code"], "DENIED");
    assert_eq!(
        body["errors"][0]["message"],
        "Anonymous users are only allowed read access on public repos"
    );
}

#[tokio::test]
async fn an_anonymous_token_reads_public_repositories_and_nothing_else() {
    let bench = Bench::new().await;
    bench.push_image("open", "v1", b"layer").await;
    bench.push_image("web", "v1", b"layer").await;
    let token_for = async |scope: &str| {
        let path = format!("/20180419/docker/token?scope=repository:ns/{scope}");
        bench.anonymous("GET", &path).send().await.unwrap()
    };
    assert_eq!(token_for("web:pull").await.status(), 403);
    assert_eq!(token_for("open:pull,push").await.status(), 403);
    let body: Value = token_for("open:pull").await.json().await.unwrap();
    let status = async |method: &str, path: &str| {
        let request = bench.anonymous(method, path).bearer_auth(body["token"].as_str().unwrap());
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(status("GET", "/v2/ns/open/manifests/v1").await, 200);
    assert_eq!(status("GET", "/v2/ns/web/manifests/v1").await, 403);
    assert_eq!(status("POST", "/v2/ns/open/blobs/uploads/").await, 403);
}

#[tokio::test]
async fn a_push_needs_a_repository_that_exists_where_pushes_make_none() {
    let bench = Bench::new().await;
    let push = async |name: &str| {
        let path = format!("/v2/{name}/blobs/uploads/");
        bench.call("POST", &path).send().await.unwrap()
    };
    let refuse = |refuses| {
        bench.cloud.repositories.update(|world| world.refuses_unknown_repositories = refuses);
    };
    refuse(true);
    for name in ["ns/absent", "other/web"] {
        let refused = push(name).await;
        assert_eq!(refused.status(), 403, "{name}");
        assert_eq!(code(refused).await, "NAME_UNKNOWN");
    }
    refuse(false);
    assert_eq!(push("ns/absent").await.status(), 202);
    let world = bench.cloud.repositories.read();
    assert_eq!(world.named("absent").unwrap().compartment_id, "ocid1.tenancy.oc1..root");
    assert_eq!(push("other/web").await.status(), 403);
}

#[tokio::test]
async fn calls_under_another_sites_name_or_from_a_page_are_refused() {
    let bench = Bench::new().await;
    let rebound = bench.call("GET", "/v2/").header("host", "evil.example").send().await.unwrap();
    assert_eq!(rebound.status(), 403);
    let page = bench.call("GET", "/v2/").header("origin", "http://evil.example");
    assert_eq!(page.send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn a_planned_fault_answers_once_and_the_journal_tells_of_it() {
    let bench = Bench::new().await;
    let operation = "StartUpload".to_owned();
    bench.cloud.faults.plan(Fault {
        operation,
        status: 503,
        after: 0,
        times: 1,
        ..Fault::default()
    });
    let path = "/v2/ns/web/blobs/uploads/";
    assert_eq!(bench.call("POST", path).send().await.unwrap().status(), 503);
    assert_eq!(bench.call("POST", path).send().await.unwrap().status(), 202);
    let entries = bench.cloud.journal.since(0);
    let seen: Vec<_> =
        entries.iter().map(|e| (e.service, &*e.operation, e.status, e.mutating)).collect();
    assert_eq!(
        seen,
        [("registry", "StartUpload", 503, true), ("registry", "StartUpload", 202, true)]
    );
}

#[tokio::test]
async fn whom_policies_let_only_read_a_repository_may_pull_and_not_push() {
    let bench = Bench::new().await;
    bench.push_image("web", "v1", b"layer").await;
    let statement = "Allow any-user to read repos in tenancy where target.repo.name = 'web'";
    bench.cloud.policies.replace(&[statement.to_owned()]).unwrap();
    let pulled = bench.call("GET", "/v2/ns/web/manifests/v1").send().await.unwrap();
    assert_eq!(pulled.status(), 200);
    let pushed = bench.call("POST", "/v2/ns/web/blobs/uploads/").send().await.unwrap();
    assert_eq!(pushed.status(), 403);
    let body: Value = pushed.json().await.unwrap();
    assert_eq!(body["errors"][0]["code"], "DENIED");
    let other = bench.call("GET", "/v2/ns/open/manifests/v1").send().await.unwrap();
    assert_eq!(other.status(), 403);
}
