//! Tiles, pictures, the explorer's form and the carpet.

use super::*;

const TILE: &str = "/mandelbrot/v1/256/2/-3/-1";

async fn ask_for(target: &str, headers: &[(&str, &str)]) -> Answer {
    ask(Method::GET, target, headers, Body::empty()).await
}

#[tokio::test]
async fn a_tile_is_good_for_ever_and_a_copy_of_it_is_not_sent_again() {
    for (name, media_type) in
        [("dwell", "application/vnd.deployer.dwell"), ("viridis.png", "image/png")]
    {
        let target = format!("{TILE}.{name}");
        let tile = get(&target).await;
        assert_eq!(tile.status, StatusCode::OK);
        assert_eq!(tile.header("content-type"), media_type);
        assert_eq!(tile.header("cache-control"), "public, max-age=31536000, immutable");
        let tag = tile.header("etag");
        assert!(tag.starts_with('"') && tag.len() == 18, "{tag}");
        for kept in [tag.to_owned(), format!("\"other\", {tag}"), "*".to_owned()] {
            let again = ask_for(&target, &[("host", "a"), ("if-none-match", &kept)]).await;
            assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0), "{kept}");
            assert_eq!(again.header("etag"), tag);
        }
        let other = ask_for(&target, &[("host", "a"), ("if-none-match", "\"other\"")]).await;
        assert_eq!(other.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn the_same_tile_has_the_same_bytes_in_every_process() {
    let target = format!("{TILE}.dwell");
    assert_eq!(get(&target).await.body, get(&target).await.body);
}

#[tokio::test]
async fn another_spelling_leads_to_the_one_that_caches_know() {
    for (spelling, base) in [
        ("/mandelbrot/v1/256/2/-03/-1.dwell", ""),
        ("/files/mandelbrot/v1/0256/2/-3/-01.dwell", "/files"),
    ] {
        let answer = get(spelling).await;
        assert_eq!(answer.status, StatusCode::PERMANENT_REDIRECT);
        assert_eq!(answer.header("location"), format!("{base}{TILE}.dwell"));
    }
}

/// Nothing that is refused may stay in a cache.
#[tokio::test]
async fn hostile_tiles_are_refused_at_once_and_are_not_kept() {
    let digits = "9".repeat(60_000);
    for tile in [
        "v1/256/4294967296/0/0.dwell",
        "v1/256/949/NaN/0.dwell",
        "v1/1000000000/2/0/0.dwell",
        "v1/256/2/inf/0.dwell",
        "v1/256/2/5e-324/0.dwell",
        &format!("v1/256/2/{digits}/0.dwell"),
        &format!("v1/256/2/0/-{digits}.dwell"),
    ] {
        let answer = get(&format!("/mandelbrot/{tile}")).await;
        let shown = &tile[..tile.len().min(40)];
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{shown}");
        assert_eq!(answer.header("cache-control"), "no-store", "{shown}");
        assert_eq!(answer.header("content-type"), "application/problem+json", "{shown}");
    }
    assert_eq!(get("/mandelbrot/v9/256/2/0/0.dwell").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_would_take_minutes_is_refused_before_it_begins() {
    let answer = get("/mandelbrot.png?iterations=20000000&columns=2048&rows=2048").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.json()["parameter"], "iterations");
}

#[tokio::test]
async fn a_deep_place_is_drawn_from_its_digits() {
    let query = "re=-1.479815776132473260722984525978778546922407257740453696898785101398649\
        &im=-0.00063911193261361727152139632255671572957303918943984736047394936471220&width=1e-50";
    let picture = get(&format!("/mandelbrot.png?{query}&columns=32&rows=20")).await;
    assert_eq!(picture.status, StatusCode::OK, "{}", picture.text());
    assert_eq!(picture.header("content-type"), "image/png");
}

#[tokio::test]
async fn a_picture_may_be_a_jpeg_a_julia_set_or_coloured_by_distance() {
    for (name, query, media_type) in [
        ("jpg", "palette=twilight", "image/jpeg"),
        ("png", "julia=-0.8,0.156&width=3&re=0", "image/png"),
        ("png", "coloring=distance&palette=magma&accuracy=exact", "image/png"),
    ] {
        let picture = get(&format!("/mandelbrot.{name}?columns=40&rows=30&{query}")).await;
        assert_eq!((picture.status, picture.header("content-type")), (StatusCode::OK, media_type));
    }
}

#[tokio::test]
async fn the_form_returns_a_page_with_the_picture_it_describes() {
    let page = get("/files/fractal?re=-1.25&im=0.02&width=1e-3&palette=magma&coloring=bands").await;
    let picture = "/files/mandelbrot.png?re=%2D1%2E25&im=0%2E02&width=1e%2D3&iterations=auto\
        &palette=magma&coloring=bands&columns=960&rows=600";
    let html = page.text().replace("&amp;", "&").replace("&#x3D;", "=");
    assert!(html.contains(picture), "{html}");
    assert!(html.contains("<option selected>magma</option>"));
    assert!(html.contains("value=\"-1.25\""));
}

#[tokio::test]
async fn what_a_form_is_given_cannot_leave_its_place_in_the_page() {
    let page = get("/fractal?re=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").await;
    assert!(!page.text().contains("<script>alert"), "{}", page.text());
}

#[tokio::test]
async fn the_nearest_copy_of_the_set_is_told_with_its_period() {
    let found = get("/mandelbrot/nucleus?re=-1.75&im=0&width=0.05").await;
    assert_eq!((found.status, &found.json()["period"]), (StatusCode::OK, &3.into()));
    assert!(found.json()["re"].as_str().unwrap().starts_with("-1.75487766624"));
    assert_eq!(get("/mandelbrot/nucleus?re=3&im=3&width=0.1").await.status, StatusCode::NOT_FOUND);
    assert_eq!(get("/mandelbrot/nucleus?where=3").await.json()["parameter"], "where");
}

#[tokio::test]
async fn a_carpet_is_a_picture_and_the_deepest_one_a_small_file() {
    let carpet = get("/carpet.png?depth=9").await;
    assert_eq!((carpet.status, carpet.header("content-type")), (StatusCode::OK, "image/png"));
    let info = png::Decoder::new(std::io::Cursor::new(&carpet.body)).read_info().unwrap();
    assert_eq!((info.info().width, info.info().height), (19_683, 19_683));
    assert!(carpet.body.len() < 4_000_000, "{} bytes", carpet.body.len());
    assert!(get("/fractal/carpet?depth=9").await.text().contains("Download it"));
    assert!(get("/fractal/carpet?depth=3").await.text().contains("alt=\"Carpet of depth 3\""));
}

#[tokio::test]
async fn the_first_load_of_the_home_page_is_small() {
    let gzip = [("host", "files.example.org"), ("accept-encoding", "gzip")];
    let page = get("/").await;
    let mut bytes = ask_for("/", &gzip).await.body.len();
    for part in page
        .text()
        .split('"')
        .filter(|part| part.starts_with("/assets/") || part.starts_with("/mandelbrot.jpg"))
    {
        let target = part.replace("&amp;", "&").replace("&#x3D;", "=");
        bytes += ask_for(&target, &gzip).await.body.len();
    }
    assert!((20_000..100_000).contains(&bytes), "{bytes} bytes");
}
