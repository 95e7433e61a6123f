use super::*;

const GOOD: &str = r#"
uid = "test-1"
[oci]
region = "uk-london-1"
compartment = "${OCI_COMPARTMENT}"
[network]
cidr = "10.20.0.0/16"
[apps.web] # the site
build = "webapp"
variables = { TOKEN = "${WEB_TOKEN}", TITLE = "Site" }
[hosts."example.net"]
"/" = "web"
[certificates]
issuer = "letsencrypt"
[cloudflare]
zone = "example.net"
"#;

/// The problems of [`GOOD`] with `old` exchanged for `new`, as `line: key: message`.
fn problems(old: &str, new: &str) -> Vec<String> {
    assert!(GOOD.contains(old), "{old}");
    let problems = parse("test.toml", "test", &GOOD.replace(old, new)).unwrap_err();
    problems
        .iter()
        .map(|problem| format!("{}: {}: {}", problem.line, problem.key, problem.message))
        .collect()
}

#[test]
fn a_file_says_what_it_leaves_out_by_defaults() {
    let environment = parse("test.toml", "test", GOOD).unwrap();
    let web = &environment.apps["web"];
    assert_eq!((web.port, web.replicas, web.health.as_str()), (8080, 1, "/health-check"));
    assert_eq!(environment.load_balancer.layout, Layout::Shared);
    assert_eq!(environment.cloudflare.settings["ssl"], "strict");
    assert!(environment.lease);
    assert_eq!(
        environment.references().into_iter().collect::<Vec<_>>(),
        ["OCI_COMPARTMENT", "WEB_TOKEN"]
    );
}

#[test]
fn a_key_that_is_not_known_is_named_with_the_one_that_was_meant() {
    let text = GOOD.replace("build = ", "replcas = 2\nbuild = ");
    let problems = parse("test.toml", "test", &text).unwrap_err();
    assert_eq!(
        problems[0].to_string(),
        "test.toml:9: apps.web.replcas: is not a key of this table\n  hint: did you mean `replicas`?"
    );
}

#[test]
fn a_wrong_type_says_what_it_is_and_what_it_must_be() {
    assert_eq!(
        problems("build = \"webapp\"", "build = \"webapp\"\nport = \"8080\""),
        ["10: apps.web.port: is text, must be a whole number"]
    );
}

#[test]
fn the_lease_can_be_switched_off_and_nothing_else() {
    let with = |value: &str| GOOD.replace("[oci]", &format!("lease = {value}\n[oci]"));
    assert!(!parse("test.toml", "test", &with("false")).unwrap().lease);
    let problems = parse("test.toml", "test", &with("\"off\"")).unwrap_err();
    assert_eq!(problems[0].to_string(), "test.toml:3: lease: is text, must be true or false");
}

#[test]
fn a_route_to_an_app_that_is_not_there_is_refused() {
    assert_eq!(
        problems("\"/\" = \"web\"", "\"/\" = \"wep\""),
        ["12: hosts.\"example.net\".\"/\": leads to `wep`, which is no app"]
    );
}

#[test]
fn a_host_outside_the_zone_is_refused() {
    assert_eq!(
        problems("[hosts.\"example.net\"]", "[hosts.\"other.org\"]"),
        ["11: hosts.\"other.org\": lies outside the zone example.net"]
    );
}

#[test]
fn a_zone_name_that_only_ends_alike_is_outside() {
    assert_eq!(
        problems("[hosts.\"example.net\"]", "[hosts.\"badexample.net\"]"),
        ["11: hosts.\"badexample.net\": lies outside the zone example.net"]
    );
}

#[test]
fn two_owners_of_one_path_are_refused_whatever_their_case_and_slash() {
    assert_eq!(
        problems("\"/\" = \"web\"", "\"/\" = \"web\"\n\"/a/\" = \"web\"\n\"/A\" = \"web\""),
        ["13: hosts.\"example.net\".\"/a/\": is owned twice: `/A` means the same path"]
    );
}

#[test]
fn every_problem_of_a_file_is_told_at_once_in_the_order_of_its_lines() {
    let text = GOOD
        .replace("uid = \"test-1\"", "uid = \"Test\"")
        .replace("region = \"uk-london-1\"", "region = 5")
        .replace("issuer = \"letsencrypt\"", "issuer = \"letsencript\"");
    let problems = parse("test.toml", "test", &text).unwrap_err();
    let keys: Vec<(usize, &str)> =
        problems.iter().map(|problem| (problem.line, problem.key.as_str())).collect();
    assert_eq!(keys, [(2, "uid"), (4, "oci.region"), (14, "certificates.issuer")]);
}

#[test]
fn a_missing_table_is_told_with_what_to_add() {
    let text = GOOD.replace("[cloudflare]\nzone = \"example.net\"\n", "");
    let problems = parse("test.toml", "test", &text).unwrap_err();
    assert_eq!(problems[0].key, "cloudflare");
    assert_eq!(problems[0].hint, "add a [cloudflare] table");
}

#[test]
fn text_that_is_no_toml_is_told_with_its_line() {
    let problems = parse("test.toml", "test", "uid = \"a\"\n[oci\n").unwrap_err();
    assert_eq!((problems.len(), problems[0].line), (1, 2));
}

#[test]
fn a_variable_that_deployer_sets_itself_is_refused() {
    assert_eq!(
        problems("TITLE = \"Site\"", "PORT = \"1\""),
        ["10: apps.web.variables.PORT: is set by deployer"]
    );
}

#[test]
fn a_variable_that_no_container_can_be_given_is_refused() {
    assert_eq!(
        problems("TITLE = \"Site\"", "TITLE = \"a\\u0000b\""),
        ["10: apps.web.variables.TITLE: holds a NUL character, which no container can be given"]
    );
}

#[test]
fn half_a_reference_is_refused() {
    assert_eq!(
        problems("\"${WEB_TOKEN}\"", "\"Bearer ${WEB_TOKEN}\""),
        [
            "10: apps.web.variables.TOKEN: a reference is the whole value, ${NAME}, in capitals, digits and _"
        ]
    );
}

#[test]
fn a_created_network_and_an_existing_one_exclude_each_other() {
    assert_eq!(
        problems("cidr = \"10.20.0.0/16\"", "cidr = \"10.20.0.0/16\"\napp_nsg = \"x\""),
        ["8: network.app_nsg: cannot stand beside `cidr`"]
    );
}

#[test]
fn with_a_port_per_app_each_app_needs_one_that_cloudflare_proxies() {
    assert_eq!(
        problems(
            "[apps.web] # the site",
            "[load_balancer]\nlayout = \"port-per-app\"\n[apps.web]\nlistener_port = 444"
        ),
        ["11: apps.web.listener_port: 444 is not proxied by Cloudflare"]
    );
}

#[test]
fn a_redirect_to_443_is_refused_when_a_host_is_on_another_port() {
    let text = GOOD.replace(
        "[apps.web]",
        "[load_balancer]\nlayout = \"port-per-app\"\n[apps.web]\nlistener_port = 2053",
    );
    for (settings, refused) in
        [("", true), ("always_use_https = \"on\"", true), ("always_use_https = \"off\"", false)]
    {
        let text = format!("{text}\n[cloudflare.settings]\n{settings}");
        let problems = parse("test.toml", "test", &text).err().unwrap_or_default();
        let messages: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
        let expected =
            "unless it is \"off\", http://example.net is sent to port 443 instead of 2053";
        assert_eq!(messages, if refused { vec![expected] } else { vec![] }, "{settings}");
        let text = text.replace("2053", "443");
        assert!(parse("test.toml", "test", &text).is_ok(), "{settings}");
    }
}

#[test]
fn apps_of_one_image_listen_on_one_port() {
    assert_eq!(
        problems(
            "[hosts.\"example.net\"]",
            "[apps.zz]\nbuild = \"webapp\"\nport = 9000\n[hosts.\"example.net\"]"
        ),
        ["13: apps.zz.port: 9000 differs from port 8080 of app `web`, which has the same image"]
    );
}

#[test]
fn adding_a_host_keeps_the_file_as_it_was_written() {
    let environment = parse("test.toml", "test", GOOD).unwrap();
    let edited = add_host(GOOD, &environment, "files.example.net", "files", "webapp").unwrap();
    let added: Vec<&str> =
        edited.lines().filter(|line| !GOOD.lines().any(|old| old == *line)).collect();
    assert_eq!(added, ["[apps.files]", "[hosts.\"files.example.net\"]", "\"/\" = \"files\""]);
    assert!(GOOD.lines().all(|line| edited.lines().any(|new| new == line)));
    let environment = parse("test.toml", "test", &edited).unwrap();
    assert_eq!(environment.hosts["files.example.net"]["/"], "files");
    assert_eq!(environment.apps["files"].package(), Some("webapp"));
}

#[test]
fn a_host_that_is_there_or_outside_the_zone_is_not_added() {
    let environment = parse("test.toml", "test", GOOD).unwrap();
    let add = |host: &str| add_host(GOOD, &environment, host, "web", "webapp").unwrap_err();
    assert!(matches!(add("example.net"), AddHostError::Taken { .. }));
    assert!(matches!(add("files.example.org"), AddHostError::OutsideZone { .. }));
    assert!(matches!(add("https://x"), AddHostError::NotAHost { .. }));
}

#[test]
fn what_is_protected_is_a_kind_or_a_resource() {
    let text = format!("protect = [\"load_balancer\", \"dns_record.www.example.net\"]\n{GOOD}");
    let environment = parse("test.toml", "test", &text).unwrap();
    let covers = |address: &str| {
        let address = address.parse().unwrap();
        environment.protect.iter().any(|protected| protected.covers(&address))
    };
    assert!(covers("load_balancer.main") && covers("dns_record.www.example.net"));
    assert!(!covers("dns_record.example.net"));
}

#[test]
fn what_cannot_be_protected_is_refused_where_it_stands() {
    let protect =
        "uid = \"test-1\"\nprotect = [\n\"vcn\",\n\"load_balancr.x\",\n\"container_instance\"]";
    assert_eq!(
        problems("uid = \"test-1\"", protect),
        [
            "5: protect: `load_balancr` is no kind of resource",
            "6: protect: instances are replaced by every rollout"
        ]
    );
    assert_eq!(
        problems("uid = \"test-1\"", "uid = \"test-1\"\nprotect = \"vcn\""),
        ["3: protect: is text, must be a list of texts"]
    );
}

#[test]
fn an_app_moves_from_a_name_that_is_free_to_one_that_is_asked_for() {
    let moved = |line: &str| problems("uid = \"test-1\"", &format!("uid = \"test-1\"\n{line}"));
    let text =
        GOOD.replace("[apps.web]", "[[moved]]\nfrom = \"app.old\"\nto = \"app.web\"\n[apps.web]");
    let environment = parse("test.toml", "test", &text).unwrap();
    assert_eq!(environment.moved, [Move { from: "old".to_owned(), to: "web".to_owned() }]);
    assert_eq!(
        moved("moved = [{ from = \"app.web\", to = \"app.shop\" }]"),
        ["3: moved: `app.shop` is no app of this file", "3: moved: `app.web` is still asked for"]
    );
    assert_eq!(
        moved(
            "moved = [{ from = \"app.a\", to = \"app.web\" }, { from = \"app.b\", to = \"app.web\" }]"
        ),
        ["3: moved: `app.web` stands twice as `to`"]
    );
    assert_eq!(
        moved("moved = [\n{ from = \"host.x\", to = \"app.web\" }]"),
        ["4: moved.from: `host.x` is no app"]
    );
}

#[test]
fn an_app_is_built_from_a_package_or_has_an_image_that_is_there_never_both() {
    let image = format!("image = \"lhr.ocir.io/ns/shop@sha256:{}\"", "0".repeat(64));
    assert_eq!(
        problems("build = \"webapp\"", &format!("build = \"webapp\"\n{image}")),
        ["9: apps.web.build: cannot stand beside `image`"]
    );
    assert_eq!(problems("build = \"webapp\"", ""), ["8: apps.web.build: is missing"]);
    let text = GOOD.replace("build = \"webapp\"", &image);
    let environment = parse("test.toml", "test", &text).unwrap();
    assert_eq!(environment.apps["web"].package(), None);
}

#[test]
fn an_image_is_named_with_its_registry() {
    for (name, right) in [
        ("lhr.ocir.io/ns/shop:v1", true),
        ("localhost:5000/shop", true),
        ("shop", false),
        ("library/nginx:latest", false),
        ("lhr.ocir.io/ns/shop@sha256:abc", false),
        ("lhr.ocir.io/ns/a shop", false),
        ("https://lhr.ocir.io/ns/shop", false),
    ] {
        let text = GOOD.replace("build = \"webapp\"", &format!("image = \"{name}\""));
        assert_eq!(parse("test.toml", "test", &text).is_ok(), right, "{name}");
    }
}
