//! What is not a tool for files: fractals and mock API servers.

use serde_json::{Map, Value, json};

/// The parameters of a picture and what each is.
const PICTURE: [(&str, &str); 11] = [
    ("re", "Real part of the centre, to any precision"),
    ("im", "Imaginary part of the centre"),
    ("width", "How wide a piece of the plane, from 1e-1230 to 16"),
    ("columns", "Pixels across, up to 2048"),
    ("rows", "Pixels down, up to 2048"),
    ("iterations", "Steps after which a point counts as inside, or auto"),
    ("oversampling", "Points across each pixel, 1 to 4"),
    ("palette", "Name of a palette"),
    ("coloring", "smooth, bands, distance, histogram or plain"),
    ("julia", "Two numbers: the Julia set of that point instead"),
    ("accuracy", "fast or exact"),
];
const NUCLEUS: [(&str, &str); 3] = [PICTURE[0], PICTURE[1], PICTURE[2]];
const CARPET: [(&str, &str); 5] = [
    ("depth", "Generations of holes, 0 to 9"),
    ("background", "A colour of six digits"),
    ("punch", "The colour of holes"),
    ("colors", "given, complementary or random"),
    ("seed", "Of random colours"),
];
const TILE: [(&str, &str); 4] = [
    ("limit", "A power of two from 256"),
    ("zoom", "Level, 0 to 4000"),
    ("x", "An integer"),
    ("name", "An integer and what to send: dwell, or palette.png"),
];

/// Path items by path.
pub(super) fn paths() -> Map<String, Value> {
    let picture = |media: &str| get("A view of the Mandelbrot set", &query(&PICTURE), media);
    let copy = "The copy of the set with the lowest period in a view";
    let all = [
        ("/mandelbrot.png", picture("image/png")),
        ("/mandelbrot.jpg", picture("image/jpeg")),
        (
            "/mandelbrot/v1/{limit}/{zoom}/{x}/{name}",
            get("A tile", &parameters("path", &TILE), "application/vnd.deployer.dwell"),
        ),
        ("/mandelbrot/palettes", get("All palettes", &json!([]), "application/json")),
        ("/mandelbrot/nucleus", get(copy, &query(&NUCLEUS), "application/json")),
        ("/carpet.png", get("The Sierpiński carpet", &query(&CARPET), "image/png")),
        ("/mock", mock()),
    ];
    all.map(|(path, item)| (path.to_owned(), item)).into_iter().collect()
}

fn query(named: &[(&str, &str)]) -> Value {
    parameters("query", named)
}

fn parameters(place: &str, named: &[(&str, &str)]) -> Value {
    let parameter = |(name, description): &(&str, &str)| {
        json!({ "name": name, "in": place, "description": description,
            "required": place == "path", "schema": { "type": "string" } })
    };
    named.iter().map(parameter).collect()
}

fn get(summary: &str, parameters: &Value, media: &str) -> Value {
    json!({ "get": { "tags": ["fractal"], "summary": summary, "parameters": parameters, "responses": {
        "200": { "description": summary, "content": { media: {} } },
        "400": super::refused("A parameter does not fit, or it would take minutes"),
        "429": super::refused("Too much was computed for this address; see Retry-After"),
        "503": super::refused("Too busy; see Retry-After"),
    } } })
}

fn mock() -> Value {
    json!({ "post": {
        "tags": ["mock"],
        "summary": "Makes a mock API server",
        "description": "Ask for application/json. Below `client` is WireMock's admin API.",
        "responses": {
            "201": { "description": "Its address, and, once, its token", "content": { "application/json": {} } },
            "429": super::refused("Too many from this address; see Retry-After"),
            "503": super::refused("All places are taken; see Retry-After"),
        },
    } })
}
