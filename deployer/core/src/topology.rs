//! An environment as a picture: hosts, edge, rules, load balancer, apps, as an SVG of its own.

use std::fmt::Write as _;

use crate::environment::Environment;

const ROW: usize = 64;
const COLUMN: usize = 250;
const BOX: usize = 200;
const LEFT: usize = 24;
const TOP: usize = 96;

/// The picture; it has no links, no scripts and no fonts of its own.
pub fn svg(environment: &Environment) -> String {
    let hosts: Vec<&String> = environment.hosts.keys().collect();
    let apps: Vec<&String> = environment.apps.keys().collect();
    let rows = hosts.len().max(apps.len());
    let (width, height) = (LEFT * 2 + COLUMN * 3 + BOX, TOP + rows * ROW + 40);
    let middle = TOP + rows * ROW / 2 - ROW / 2;
    let mut body = String::new();
    for (row, host) in hosts.iter().enumerate() {
        node(&mut body, (0, TOP + row * ROW), host, "proxied DNS record", "dns");
        edge(&mut body, (0, TOP + row * ROW), (1, middle), "");
    }
    node(&mut body, (1, middle), "Cloudflare edge", "Full (strict) TLS", "edge");
    edge(&mut body, (1, middle), (2, middle), "");
    node(&mut body, (2, middle), "Load balancer", "only Cloudflare may enter", "balancer");
    for (row, app) in apps.iter().enumerate() {
        let replicas = environment.apps[*app].replicas;
        let paths: Vec<String> = environment
            .routes()
            .filter(|(_, path, to)| to == app && *path != "/")
            .map(|(_, path, _)| path.to_owned())
            .collect();
        let port = environment.apps[*app].port;
        let detail = format!("{replicas} × port {port}");
        edge(&mut body, (2, middle), (3, TOP + row * ROW), &paths.join(" "));
        node(&mut body, (3, TOP + row * ROW), app, &detail, "app");
    }
    let title = escape(&format!("{} · {}", environment.name, environment.oci.region));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"Topology of {title}\">\n{STYLE}<rect class=\"page\" width=\"{width}\" height=\"{height}\"/>\n<text class=\"title\" x=\"{LEFT}\" y=\"44\">{title}</text>\n{body}</svg>\n"
    )
}

const STYLE: &str = "<style>
.page{fill:#fbfaf7}.title{font:600 20px system-ui,sans-serif;fill:#1d2433}
.name{font:600 14px system-ui,sans-serif;fill:#1d2433}.detail{font:12px system-ui,sans-serif;fill:#5b6472}
.node rect{rx:10px;stroke-width:1.5px}.dns rect{fill:#eef3fb;stroke:#7d9ccf}.edge rect{fill:#fff1e2;stroke:#e08a2c}
.balancer rect{fill:#fbe9e7;stroke:#c74634}.app rect{fill:#e9f5ec;stroke:#4c9a63}
.link{fill:none;stroke:#8b93a1;stroke-width:1.5px}.path{font:12px ui-monospace,monospace;fill:#5b6472}
@media (prefers-color-scheme:dark){.page{fill:#14181f}.title,.name{fill:#eef1f6}.detail,.path{fill:#a9b2c0}
.dns rect{fill:#1b2637}.edge rect{fill:#33251a}.balancer rect{fill:#351f1d}.app rect{fill:#1a2c20}}
</style>
";

fn left(column: usize) -> usize {
    LEFT + column * COLUMN
}

fn node(out: &mut String, (column, y): (usize, usize), name: &str, detail: &str, class: &str) {
    let x = left(column);
    let (text, first, second) = (x + 14, y + 21, y + 38);
    let _infallible = writeln!(
        out,
        "<g class=\"node {class}\"><rect x=\"{x}\" y=\"{y}\" width=\"{BOX}\" height=\"48\"/>\
         <text class=\"name\" x=\"{text}\" y=\"{first}\">{}</text>\
         <text class=\"detail\" x=\"{text}\" y=\"{second}\">{}</text></g>",
        escape(&fitted(name)),
        escape(detail)
    );
}

/// Names that are too long for their box keep their beginning.
fn fitted(name: &str) -> String {
    if name.chars().count() <= 25 {
        name.to_owned()
    } else {
        name.chars().take(24).chain(['…']).collect()
    }
}

fn edge(out: &mut String, from: (usize, usize), to: (usize, usize), label: &str) {
    let (x1, y1) = (left(from.0) + BOX, from.1 + 24);
    let (x2, y2) = (left(to.0), to.1 + 24);
    let bend = usize::midpoint(x1, x2);
    let _infallible =
        writeln!(out, "<path class=\"link\" d=\"M{x1} {y1} C{bend} {y1} {bend} {y2} {x2} {y2}\"/>");
    if !label.is_empty() {
        let y = y2 - 4;
        let _infallible = writeln!(
            out,
            "<text class=\"path\" x=\"{}\" y=\"{y}\">{}</text>",
            x1 + 8,
            escape(label)
        );
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
