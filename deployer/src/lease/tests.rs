//! Stories of two operators at one lease, told by an object store in memory in time that tokio lets pass.

mod interleaving;
mod store;

use expect_test::expect;
use store::{Fault, Store, Ticking};

use super::*;

/// Hears what is told.
#[derive(Debug, Default)]
pub(super) struct Ear(Mutex<Vec<String>>);

impl Listener for Ear {
    fn event(&self, event: Event) {
        if let Event::Note { text } = event {
            self.0.lock().unwrap().push(text);
        }
    }
}

/// Somebody at a machine of their own.
struct Operator {
    applicant: Applicant,
    clock: Ticking,
    ear: Arc<Ear>,
}

impl Operator {
    fn new(store: &Arc<Store>, name: &str) -> Self {
        Self::configured(store, name, |_| {})
    }

    fn configured(store: &Arc<Store>, name: &str, change: impl FnOnce(&mut Config)) -> Self {
        let (clock, ear) = (Ticking::new(), Arc::new(Ear::default()));
        let mut config = Config {
            client: store.client(&clock),
            namespace: "ns".to_owned(),
            compartment: "ocid1.compartment.oc1..c".to_owned(),
            uid: "shop-1".to_owned(),
            holder: format!("{name}@desk"),
            place: format!("place of {name}"),
            command: "deployer up".to_owned(),
            nonce: format!("nonce of {name}"),
            pace: Pace::default(),
            patience: Duration::from_mins(5),
            listener: ear.clone(),
        };
        change(&mut config);
        Self { applicant: Applicant::new(config), clock, ear }
    }

    /// Looks, and acquires at once.
    async fn try_once(&self) -> Result<Acquired, Failure> {
        let seen = self.applicant.look().await?;
        self.applicant.acquire(seen).await
    }

    async fn acquire(&self) -> Lease {
        loop {
            if let Acquired::Held(lease) = self.try_once().await.unwrap() {
                return lease;
            }
        }
    }
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test(start_paused = true)]
async fn the_first_one_makes_the_bucket_and_has_it() {
    let store = Store::new();
    let lease = Operator::new(&store, "ann").acquire().await;
    assert_eq!(lease.may_write(), Ok(()));
    assert_eq!(store.calls(), ["GET 404", "POST 200", "PUT 200"]);
    expect![[r#"{"name":"deployer-shop-1","compartmentId":"ocid1.compartment.oc1..c","freeformTags":{"deployer":"1","deployer-environment":"shop-1"}}"#]]
        .assert_eq(&store.bucket().unwrap());
    expect![[r#"{"applied":{},"command":"deployer up","count":1,"epoch":1,"holder":"ann@desk","nonce":"nonce of ann","place":"place of ann","schema":1,"since":"2023-01-05T21:31:40Z","state":"held","ttl_seconds":120}"#]]
        .assert_eq(&store.content().to_string());
}

#[tokio::test(start_paused = true)]
async fn acquiring_what_was_released_takes_one_call_and_tells_what_was_applied() {
    let store = Store::new();
    let applied = Applied::from([("vcn.main".to_owned(), "d1".to_owned())]);
    Operator::new(&store, "ann").acquire().await.release(applied.clone()).await.unwrap();
    let bob = Operator::new(&store, "bob");
    let seen = bob.applicant.look().await.unwrap();
    assert_eq!((seen.holder(), seen.applied()), (None, &applied));
    store.calls();
    let Acquired::Held(lease) = bob.applicant.acquire(seen).await.unwrap() else { panic!() };
    assert_eq!((lease.epoch(), lease.applied()), (2, &applied));
    assert_eq!(store.calls(), ["PUT 200"]);
}

#[tokio::test(start_paused = true)]
async fn the_second_one_waits_for_the_release_and_is_told_for_whom() {
    let store = Store::new();
    let ann = Operator::new(&store, "ann").acquire().await;
    let bob = Operator::new(&store, "bob");
    let work = async {
        tokio::select! {
            failure = ann.keep() => panic!("{failure}"),
            () = tokio::time::sleep(seconds(200)) => {}
        }
        ann.release(Applied::new()).await.unwrap();
    };
    let (lease, ()) = tokio::join!(bob.acquire(), work);
    assert_eq!(lease.epoch(), 2);
    assert_eq!(ann.may_write(), Err(Lost::NotHeld));
    let told = bob.ear.0.lock().unwrap().join("\n");
    expect!["waiting for ann@desk (`deployer up` since 2023-01-05T21:31:40Z), at most 5 m 00 s"]
        .assert_eq(&told);
}

#[tokio::test(start_paused = true)]
async fn who_does_not_want_to_wait_is_told_who_has_it() {
    let store = Store::new();
    let _ann = Operator::new(&store, "ann").acquire().await;
    tokio::time::sleep(seconds(50)).await;
    let bob = Operator::configured(&store, "bob", |config| config.patience = Duration::ZERO);
    let failure = bob.try_once().await.unwrap_err();
    assert_eq!(failure.kind, Kind::Locked);
    expect![[r"
        error: ann@desk (`deployer up` since 2023-01-05T21:31:40Z) is changing this environment
          hint: should that command have died, its lease expires by itself in 72 s at most
          hint: --lock-timeout 5m waits for the end of it"]]
    .assert_eq(&failure.to_string());
}

#[tokio::test(start_paused = true)]
async fn patience_ends_while_the_holder_goes_on() {
    let store = Store::new();
    let ann = Operator::new(&store, "ann").acquire().await;
    let bob = Operator::new(&store, "bob");
    let begun = tokio::time::Instant::now();
    let failure = tokio::select! {
        failure = ann.keep() => panic!("{failure}"),
        outcome = bob.try_once() => outcome.unwrap_err(),
    };
    assert_eq!(failure.kind, Kind::Locked);
    assert!((seconds(300)..seconds(301)).contains(&begun.elapsed()), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_acquisition_whose_answer_is_lost_is_ours_all_the_same() {
    let store = Store::new();
    let ann = Operator::new(&store, "ann");
    let seen = ann.applicant.look().await.unwrap();
    store.fail([Fault::default(), Fault { loses_answer: true, ..Fault::default() }]);
    let Acquired::Held(lease) = ann.applicant.acquire(seen).await.unwrap() else { panic!() };
    assert_eq!(store.calls(), ["GET 404", "POST 200", "PUT 200", "PUT 412", "GET 200"]);
    assert_eq!(lease.may_write(), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn whoever_was_not_first_looks_again() {
    let store = Store::new();
    let (ann, bob) = (Operator::new(&store, "ann"), Operator::new(&store, "bob"));
    let seen = bob.applicant.look().await.unwrap();
    ann.acquire().await.release(Applied::new()).await.unwrap();
    assert!(matches!(bob.applicant.acquire(seen).await.unwrap(), Acquired::Stale));
}

#[tokio::test(start_paused = true)]
async fn a_renewal_whose_answer_is_lost_counts_from_before_it_was_sent() {
    let store = Store::new();
    let lease = Operator::new(&store, "ann").acquire().await;
    let slow = Fault { after: seconds(20), loses_answer: true, ..Fault::default() };
    store.fail([slow]);
    let working = tokio::time::timeout(seconds(40 + 36), lease.keep());
    assert!(working.await.is_err());
    // Renewed at 40 s, seen at 60 s: leave ends 85 s after 40 s.
    tokio::time::sleep(seconds(48)).await;
    assert_eq!(lease.may_write(), Ok(()));
    tokio::time::sleep(seconds(2)).await;
    assert!(matches!(lease.may_write(), Err(Lost::Unrenewed { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_holder_that_died_is_followed_when_its_time_is_over() {
    let store = Store::new();
    let ann = Operator::new(&store, "ann").acquire().await;
    let bob = Operator::new(&store, "bob");
    let begun = tokio::time::Instant::now();
    let lease = bob.acquire().await;
    assert_eq!(lease.epoch(), 2);
    assert!((seconds(120)..seconds(130)).contains(&begun.elapsed()), "{:?}", begun.elapsed());
    assert!(matches!(ann.may_write(), Err(Lost::Unrenewed { .. })));
    let failure = ann.keep().await;
    assert_eq!(failure.kind, Kind::Locked);
    assert!(failure.message.starts_with("bob@desk"), "{failure}");
    assert!(matches!(ann.may_write(), Err(Lost::Taken { .. })));
    ann.release(Applied::new()).await.unwrap_err();
    assert_eq!(lease.may_write(), Ok(()));
    assert_eq!(store.content()["holder"], "bob@desk");
}

#[tokio::test(start_paused = true)]
async fn a_holder_that_died_long_ago_keeps_nobody_waiting() {
    let store = Store::new();
    let _ann = Operator::new(&store, "ann").acquire().await;
    tokio::time::sleep(seconds(600)).await;
    let bob = Operator::configured(&store, "bob", |config| config.patience = Duration::ZERO);
    assert!(matches!(bob.try_once().await.unwrap(), Acquired::Held(_)));
}

#[tokio::test(start_paused = true)]
async fn a_command_that_was_killed_here_does_not_keep_the_next_one_waiting() {
    let store = Store::new();
    let _killed = Operator::new(&store, "ann").acquire().await;
    let again = Operator::configured(&store, "ann", |config| {
        config.nonce = "another".to_owned();
        config.patience = Duration::ZERO;
    });
    let Acquired::Held(lease) = again.try_once().await.unwrap() else { panic!() };
    assert_eq!(lease.epoch(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_slept_may_not_write_though_its_steady_clock_stood_still() {
    let store = Store::new();
    let ann = Operator::new(&store, "ann");
    let lease = ann.acquire().await;
    ann.clock.close_lid(seconds(600));
    assert!(matches!(lease.may_write(), Err(Lost::Unrenewed { .. })));
    // Nobody came meanwhile, so that it goes on after a renewal.
    assert!(tokio::time::timeout(seconds(1), lease.keep()).await.is_err());
    assert_eq!(lease.may_write(), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn without_a_network_the_lease_ends_by_itself() {
    let store = Store::new();
    let lease = Operator::new(&store, "ann").acquire().await;
    store.fail([Fault { loses_request: true, before: seconds(5), ..Fault::default() }; 100]);
    let begun = tokio::time::Instant::now();
    let failure = lease.keep().await;
    assert_eq!(failure.kind, Kind::TimedOut);
    assert!((seconds(120)..seconds(161)).contains(&begun.elapsed()), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_is_dropped_half_way_does_not_hinder_the_release() {
    let store = Store::new();
    let lease = Operator::new(&store, "ann").acquire().await;
    store.fail([Fault { after: seconds(9), ..Fault::default() }]);
    assert!(tokio::time::timeout(seconds(42), lease.keep()).await.is_err());
    lease.release(Applied::new()).await.unwrap();
    assert_eq!(store.content()["state"], "released");
}

#[tokio::test(start_paused = true)]
async fn down_leaves_neither_object_nor_bucket() {
    let store = Store::new();
    let ann = Operator::new(&store, "ann");
    let lease = ann.acquire().await;
    store.fail([Fault { after: seconds(9), ..Fault::default() }]);
    assert!(tokio::time::timeout(seconds(42), lease.keep()).await.is_err());
    lease.remove().await.unwrap();
    assert_eq!(store.bucket(), None);
    assert!(ann.applicant.look().await.unwrap().is_nothing());
    assert_eq!(lease.may_write(), Err(Lost::NotHeld));
}

#[tokio::test(start_paused = true)]
async fn whoever_may_not_use_buckets_is_told_what_to_allow() {
    let store = Store::new();
    store.deny();
    let failure = Operator::new(&store, "ann").try_once().await.unwrap_err();
    assert_eq!(failure.kind, Kind::Denied);
    let text = failure.hints.join("\n");
    assert!(text.contains("manage object-family in compartment id ocid1.compartment.oc1..c"));
    assert!(text.contains("lease = false"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn an_object_that_was_edited_by_hand_is_waited_out() {
    let store = Store::new();
    store.write_by_hand("hello");
    let begun = tokio::time::Instant::now();
    Operator::new(&store, "ann").acquire().await;
    assert!(begun.elapsed() >= seconds(120));
}

#[tokio::test(start_paused = true)]
async fn a_fence_is_shut_until_there_is_a_lease() {
    let fence = Fence::default();
    let copy = fence.clone();
    assert_eq!(copy.may_write(), Err(Lost::NotHeld));
    let lease = Operator::new(&Store::new(), "ann").acquire().await;
    fence.hold(lease.clone());
    assert_eq!(copy.may_write(), Ok(()));
    lease.release(Applied::new()).await.unwrap();
    assert_eq!(copy.may_write(), Err(Lost::NotHeld));
    fence.open();
    assert_eq!(copy.may_write(), Ok(()));
}
