//! Plans of whole environments: how they are shown, renames, drift, kept plans, rollouts.

use std::fmt::Write as _;

use expect_test::expect;
use proptest::prelude::*;

use super::*;
use crate::desired::{self, Facts};
use crate::environment::parse;

/// An environment with these apps, their replicas, and a host for each name, leading to the first app.
pub(super) fn text(apps: &[(&str, u32)], hosts: &[&str]) -> String {
    let mut text = String::from(
        r#"
[oci]
region = "uk-london-1"
compartment = "c"
[network]
cidr = "10.20.0.0/16"
[certificates]
issuer = "letsencrypt"
[cloudflare]
zone = "example.net"
"#,
    );
    for (app, replicas) in apps {
        write!(text, "[apps.{app}]\nbuild = \"webapp\"\nreplicas = {replicas}\n").unwrap();
        writeln!(text, "variables = {{ TOKEN = \"of-{replicas}\" }}").unwrap();
    }
    for host in hosts {
        let app = apps[0].0;
        write!(text, "[hosts.\"{host}.example.net\"]\n\"/\" = \"{app}\"\n").unwrap();
    }
    text
}

pub(super) fn asked(text: &str, build: &str) -> Desired {
    let environment = parse("x.toml", "x", &format!("uid = \"x-1\"\n{text}")).unwrap();
    let facts = Facts {
        edge_ranges: vec!["173.245.48.0/20".to_owned()],
        source_tags: BTreeMap::from([("webapp".to_owned(), build.to_owned())]),
        ..Facts::default()
    };
    desired::build(&environment, &facts)
}

pub(super) fn up(desired: &Desired) -> Observed {
    applied(&plan(desired, &Observed::default()), &Observed::default())
}

fn position(plan: &Plan, verb: &str, begins: &str) -> usize {
    let is =
        |step: &Step| step.action.verb() == verb && step.address.to_string().starts_with(begins);
    plan.steps.iter().position(is).unwrap_or_else(|| panic!("no {verb} of {begins}"))
}

#[test]
fn a_plan_fits_into_eighty_columns() {
    let desired = asked(&text(&[("web", 2), ("files", 2)], &["www", "files", "a", "b"]), "b1");
    let shown = render::text(&plan(&desired, &Observed::default()));
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    expect![[r#"
        test · plan 4b0a1b08

           1 + create vcn.main                               2 s  absent
           2 + create internet_gateway.main                  2 s  absent; after 1
           3 + create nat_gateway.main                       2 s  absent; after 1
           4 + create route_table.private                    2 s  absent; after 1, 3
           5 + create route_table.public                     2 s  absent; after 1-2
           6 + create security_list.closed                   2 s  absent; after 1
           7 + create subnet.app                             7 s  absent; after 1, 4, 6
           8 + create subnet.load_balancer                   7 s  absent; after 1, 5-6
           9 + create network_security_group.load_balancer   2 s  absent; after 1
          10 + create network_security_group.app             2 s  absent; after 1, 9
          11 + create repository.webapp                      1 s  absent
          12 + create image.webapp                         1 min  absent; after 11
          13 + create container_instance.files-48484ed2-0   53 s
              absent; after 7, 10, 12
          14 + create container_instance.files-48484ed2-1   53 s
              absent; after 7, 10, 12
          15 + create container_instance.web-48484ed2-0     53 s
              absent; after 7, 10, 12
          16 + create container_instance.web-48484ed2-1     53 s
              absent; after 7, 10, 12
          17 + create certificate.main                      30 s  absent
          18 + create load_balancer.main                    44 s
              absent; after 8-9, 13-17
          19 + create zone_setting.ssl                       1 s  absent; after 18
          20 + create dns_record.a.example.net               1 s  absent; after 18-19
          21 + create dns_record.b.example.net               1 s  absent; after 18-19
          22 + create dns_record.files.example.net           1 s  absent; after 18-19
          23 + create dns_record.www.example.net             1 s  absent; after 18-19

        Plan: 23 to add · 0 to change · 0 to remove · 0 unchanged
        Time: about 2 min 40 s, longest: repository.webapp > image.webapp >
              container_instance.files-48484ed2-0 > load_balancer.main >
              zone_setting.ssl > dns_record.a.example.net
    "#]]
    .assert_eq(&shown);
}

#[test]
fn a_rollout_says_what_leaves_and_waits_for_the_load_balancer() {
    let world = up(&asked(&text(&[("web", 1)], &["www"]), "b1"));
    let plan = plan(&asked(&text(&[("web", 1)], &["www"]), "b2"), &world);
    expect![[r#"
        test · plan c8291015

          1 ~ update image.webapp                      1 min  differs in tag
              tag  b1 -> b2
          2 + create container_instance.web-410e8464-0  53 s  absent; after 1
          3 ~ update load_balancer.main                1 min 8 s
              3 calls, one after another; after 2
              at risk: 1 backend leaves
              ~ backendSets web
                wait until web is healthy
              ~ backendSets web
                wait 5 s while web drains
              ~ backendSets web
          4 - delete container_instance.web-c05de1cc-0  40 s
              is no longer asked for; after 3

        Plan: 1 to add · 2 to change · 1 to remove · 14 unchanged
        Time: about 3 min 41 s, longest: image.webapp >
              container_instance.web-410e8464-0 > load_balancer.main >
              container_instance.web-c05de1cc-0
    "#]]
    .assert_eq(&render::text(&plan));
    assert_eq!(checked(&plan, None), Ok(()));
}

#[test]
fn a_failed_step_keeps_nothing_from_going_that_does_not_depend_on_it() {
    let world = up(&asked(&text(&[("web", 1)], &["www", "old"]), "b1"));
    let plan = plan(&asked(&text(&[("web", 1)], &["www"]), "b2"), &world);
    let begun_without = |failing: usize| {
        let mut frontier = Frontier::new(&plan);
        let mut begun = Vec::new();
        while let Some(position) = frontier.begin() {
            begun.push(position);
            if position == failing {
                frontier.failed(position);
            } else {
                frontier.done(position);
            }
        }
        begun
    };
    let record = position(&plan, "delete", "dns_record.old");
    let instance = position(&plan, "delete", "container_instance.web");
    let without_image = begun_without(position(&plan, "update", "image."));
    assert!(without_image.contains(&record) && !without_image.contains(&instance));
    let without_balancer = begun_without(position(&plan, "update", "load_balancer."));
    assert!(without_balancer.contains(&record) && !without_balancer.contains(&instance));
}

#[test]
fn an_app_with_another_name_keeps_its_instances_when_that_is_said() {
    let world = up(&asked(&text(&[("web", 2)], &["www"]), "b1"));
    let desired = asked(&text(&[("shop", 2)], &["www"]), "b1");
    let variables = BTreeMap::new();
    let moves = [Move { from: "web".to_owned(), to: "shop".to_owned() }];
    let known = Known { observed: &world, variables: &variables };
    let plan = make(&Basis { moves: &moves, ..Basis::new("x", &desired, known) });
    expect![[r#"
        x · plan f0e3df3a

          1 = remark container_instance.shop-48484ed2-0   5 s
              is called container_instance.web-48484ed2-0
              at risk: the app is told its new name with the next rollout
          2 = remark container_instance.shop-48484ed2-1   5 s
              is called container_instance.web-48484ed2-1
              at risk: the app is told its new name with the next rollout
          3 ~ update load_balancer.main                  59 s
              3 calls, one after another; after 1-2
              + backendSets shop
                wait until shop is healthy
              ~ listeners www_example_net
              - backendSets web

        Plan: 0 to add · 1 to change · 0 to remove · 2 to mark anew · 15 unchanged
        Time: about 1 min 4 s, longest: container_instance.shop-48484ed2-0 >
              load_balancer.main
    "#]]
    .assert_eq(&render::text(&plan));
    assert_eq!(checked(&plan, None), Ok(()));
    let world = applied(&plan, &world);
    assert_eq!(super::plan(&desired, &world).steps, []);
}

#[test]
fn an_app_that_looks_like_another_under_a_new_name_is_told_of() {
    let world = up(&asked(&text(&[("web", 2)], &["www"]), "b1"));
    let plan = plan(&asked(&text(&[("shop", 2)], &["www"]), "b1"), &world);
    assert_eq!(
        plan.notes,
        ["app shop looks like web with another name; to keep its instances: \
             moved = [{ from = \"app.web\", to = \"app.shop\" }]"]
    );
}

#[test]
fn what_somebody_changed_is_told_from_what_follows_from_it() {
    let desired = asked(&text(&[("web", 1)], &["www"]), "b1");
    let mut world = up(&desired);
    let variables = BTreeMap::new();
    let digests = digests(&desired, Known { observed: &world, variables: &variables });
    let drifted = |world: &Observed| {
        let known = Known { observed: world, variables: &variables };
        make(&Basis { applied: &digests, ..Basis::new("x", &desired, known) })
    };
    let www = address("dns_record.www.example.net");
    world.resources.get_mut(&www).unwrap().spec["content"] = json!("6.6.6.6");
    world.resources.remove(&address("zone_setting.ssl"));
    let plan = drifted(&world);
    expect![[r#"
        x · plan 8e018da9

          changed outside of deployer: 2, to be set back
          1 + create zone_setting.ssl             1 s  was deleted by somebody
          2 ~ update dns_record.www.example.net   1 s
              was changed by somebody: content; after 1
              at risk: visitors are led to another address
              content  6.6.6.6 -> address-of-load_balancer.main

        Plan: 1 to add · 1 to change · 0 to remove · 15 unchanged
        Time: about 2 s, longest: zone_setting.ssl > dns_record.www.example.net
    "#]]
    .assert_eq(&render::text(&plan));
    let terms = Terms { purpose: Purpose::Up { prune: None }, protected: &[], refuse_drift: true };
    assert!(matches!(guard::check(&plan, &terms), Err(Refusal::Drift { .. })));

    // A load balancer with another address changes its records, and nobody changed those.
    let mut world = up(&desired);
    let balancer = world.resources.get_mut(&address("load_balancer.main")).unwrap();
    balancer.outputs.insert("address".to_owned(), "1.2.3.4".to_owned());
    let plan = drifted(&world);
    let steps: Vec<(String, bool)> =
        plan.steps.iter().map(|step| (step.address.to_string(), step.drift)).collect();
    assert_eq!(steps, [("dns_record.www.example.net".to_owned(), false)]);
}

#[test]
fn a_kept_plan_is_stale_when_anything_it_was_made_from_differs() {
    let desired = asked(&text(&[("web", 1)], &["www"]), "b1");
    let world = up(&desired);
    let variables = BTreeMap::new();
    let of = |desired: &Desired, world: &Observed| {
        let basis = Basis::new("x", desired, Known { observed: world, variables: &variables });
        let plan = make(&basis);
        let text = file(&plan, &basis).to_string();
        let read: Saved = serde_json::from_str(&text).unwrap();
        assert_eq!(read, saved(&plan, &basis));
        read
    };
    let next = asked(&text(&[("web", 1)], &["www"]), "b2");
    let kept = of(&next, &world);
    assert_eq!(stale(&kept, &of(&next, &world)), None);

    let mut other = world.clone();
    other.resources.get_mut(&address("vcn.main")).unwrap().id = "another".to_owned();
    let reason = stale(&kept, &of(&next, &other)).unwrap();
    assert_eq!(reason, "changed since: vcn.main");

    let mut other = world;
    let www = address("dns_record.www.example.net");
    other.resources.get_mut(&www).unwrap().spec["proxied"] = json!(false);
    let reason = stale(&kept, &of(&next, &other)).unwrap();
    assert_eq!(reason, "changed since: dns_record.www.example.net");
}

#[test]
fn no_secret_is_in_a_plan() {
    let existing = text(&[("web", 1)], &["www"]).replace(
        "cidr = \"10.20.0.0/16\"",
        "load_balancer_subnet = \"${A}\"\napp_subnet = \"${A}\"\n\
         load_balancer_nsg = \"${A}\"\napp_nsg = \"${A}\"",
    );
    let desired = asked(&existing.replace("\"of-1\"", "\"${A}\""), "b1");
    let variables = BTreeMap::from([("A".to_owned(), "hunter2".to_owned())]);
    // A certificate that was issued and not installed: its key is known.
    let mut world = Observed::default();
    let certificate = real(&address("certificate.main"), json!({}));
    world.insert(address("certificate.main"), certificate);
    let old = json!({
        "subnetIds": ["hunter1"],
        "isPrivate": false,
        "listeners": { "x": {} },
        "existing": "hunter0",
    });
    let group = address("network_security_group.app");
    world.insert(group.clone(), real(&group, old.clone()));
    let subnets = asked(&existing, "b1")[&address("load_balancer.main")].spec["subnetIds"].clone();
    for subnet in [json!(["hunter2"]), old["subnetIds"].clone()] {
        let mut balancer = old.clone();
        balancer["subnetIds"] = subnet;
        let main = address("load_balancer.main");
        world.resources.insert(main.clone(), real(&main, balancer));
        let basis = Basis::new("x", &desired, Known { observed: &world, variables: &variables });
        let plan = make(&basis);
        let shown = format!("{}{}", file(&plan, &basis), render::text(&plan));
        assert!(!shown.contains("hunter"), "{shown}");
        assert!(!shown.contains("privateKey-of"), "{shown}");
        assert!(shown.contains("$secret") && subnets[0]["$secret"] == "A");
    }
}

#[test]
fn a_plan_that_takes_every_instance_of_an_app_is_refused() {
    let world = up(&asked(&text(&[("web", 2)], &["www"]), "b1"));
    let desired = asked(&text(&[("web", 2)], &["www"]), "b2");
    let whole = plan(&desired, &world);
    assert_eq!(checked(&whole, None), Ok(()));
    let refused = Err(Refusal::LastInstances { app: "web".to_owned() });

    let mut impatient = whole.clone();
    for step in &mut impatient.steps {
        if matches!(step.action, Action::Delete { .. }) {
            step.needs = Needs::default();
        }
    }
    assert_eq!(checked(&impatient, None), refused);

    let mut nothing_made = whole;
    for step in &mut nothing_made.steps {
        if step.address.kind == Kind::LoadBalancer {
            step.needs = Needs::default();
        }
    }
    assert_eq!(checked(&nothing_made, None), refused);
}

#[test]
fn what_was_measured_here_replaces_what_is_usual() {
    let desired = asked(&text(&[("web", 1)], &["www"]), "b1");
    let first = plan(&desired, &Observed::default());
    let mut durations = Durations::new();
    let taken = first.steps.iter().map(|step| (&step.address, step.action.verb(), 0.5));
    durations.learn_all(&first, taken);
    let (observed, variables) = (Observed::default(), BTreeMap::new());
    let known = Known { observed: &observed, variables: &variables };
    let second = make(&Basis { durations: &durations, ..Basis::new("x", &desired, known) });
    assert!(second.steps.iter().all(|step| (step.seconds - 0.5).abs() < 1e-9));
    #[expect(clippy::cast_precision_loss, reason = "a few steps")]
    let longest = second.longest.len() as f64 * 0.5;
    assert!((second.seconds - longest).abs() < 1e-9 && first.seconds > 60.0);
}

/// Apps with replicas, hosts, and a build.
fn environments() -> impl Strategy<Value = (String, String)> {
    let names = ["web", "shop", "web-two"];
    let apps = proptest::sample::subsequence(names.to_vec(), 1..=3)
        .prop_flat_map(|apps| (Just(apps.clone()), proptest::collection::vec(1_u32..3, apps.len())))
        .prop_map(|(apps, replicas)| apps.into_iter().zip(replicas).collect::<Vec<_>>());
    let hosts = proptest::sample::subsequence(vec!["www", "a", "b"], 1..=3);
    let build = proptest::sample::select(vec!["b1", "b2"]);
    (apps, hosts, build).prop_map(|(apps, hosts, build)| (text(&apps, &hosts), build.to_owned()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn an_app_never_loses_its_last_instance_between_two_environments(
        a in environments(),
        b in environments(),
        broken in proptest::collection::vec(any::<bool>(), 6),
    ) {
        let mut world = up(&asked(&a.0, &a.1));
        let instances = world.resources.iter_mut();
        let instances = instances.filter(|(address, _)| address.kind == Kind::ContainerInstance);
        for ((_, found), broken) in instances.zip(broken) {
            found.broken = broken.then(|| "has failed".to_owned());
        }
        let desired = asked(&b.0, &b.1);
        for _ in 0..3 {
            let plan = plan(&desired, &world);
            prop_assert_eq!(checked(&plan, Some(99)), Ok(()));
            world = applied(&plan, &world);
        }
        prop_assert!(plan(&desired, &world).is_empty());
    }

    #[test]
    fn references_stay_inside_the_table_of_kinds(a in environments()) {
        let desired = asked(&a.0, &a.1);
        for (address, resource) in &desired {
            let others = crate::value::references(&resource.spec).into_iter();
            for other in others.chain(resource.after.iter().cloned()) {
                prop_assert!(order::users(other.kind).contains(&address.kind), "{address}: {other}");
            }
        }
    }
}
