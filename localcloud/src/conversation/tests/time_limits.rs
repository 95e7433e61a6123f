//! Clients that keep a server waiting.

use std::io::ErrorKind;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

use crate::conversation::Patient;

#[tokio::test(start_paused = true)]
async fn who_takes_nothing_is_given_up() {
    let (near, far) = duplex(10);
    let mut patient = Patient::new(near, Duration::from_secs(5), None);
    let began = tokio::time::Instant::now();
    let ended = tokio::time::timeout(Duration::from_secs(60), patient.write_all(&[0; 100])).await;
    let error = ended.expect("it waited for ever").unwrap_err();
    assert_eq!((error.kind(), began.elapsed().as_secs()), (ErrorKind::TimedOut, 5));
    drop(far);
}

#[tokio::test(start_paused = true)]
async fn who_takes_a_little_now_and_then_is_not() {
    let (near, mut far) = duplex(10);
    let mut patient = Patient::new(near, Duration::from_secs(5), Some(Duration::from_secs(5)));
    let reading = tokio::spawn(async move {
        let mut byte = [0; 10];
        for _ in 0..10 {
            tokio::time::sleep(Duration::from_secs(4)).await;
            far.read_exact(&mut byte).await.unwrap();
        }
        far
    });
    patient.write_all(&[0; 100]).await.unwrap();
    let far = reading.await.unwrap();
    let error = patient.read_u8().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    drop(far);
}
