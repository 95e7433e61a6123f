//! An environment as a picture: hosts, edge, load balancer, apps with what leads to them, as an SVG of its own.

use std::fmt::Write as _;

use crate::environment::Environment;

const COLUMN: usize = 260;
const WIDTH: usize = 210;
const LEFT: usize = 24;
const TOP: usize = 76;
const LINE: usize = 17;
const GAP: usize = 18;

/// The picture; it has no links, no scripts and no fonts of its own.
pub fn svg(environment: &Environment) -> String {
    let hosts = stacked(
        0,
        "dns",
        environment.hosts.keys().map(|host| (host.clone(), vec!["proxied DNS record".to_owned()])),
    );
    let apps = stacked(
        3,
        "app",
        environment.apps.keys().map(|app| (app.clone(), app_lines(environment, app))),
    );
    let height = hosts.iter().chain(&apps).map(Node::bottom).max().unwrap_or(TOP) + GAP;
    let middle = |column, class, name: &str, line: &str| {
        let mut node =
            Node { column, top: 0, class, name: name.to_owned(), lines: vec![line.to_owned()] };
        node.top = TOP.max(usize::midpoint(TOP, height - GAP).saturating_sub(node.height() / 2));
        node
    };
    let edge = middle(1, "edge", "Cloudflare edge", "Full (strict) TLS");
    let balancer = middle(2, "balancer", "Load balancer", "only Cloudflare may enter");
    let mut body = String::new();
    hosts.iter().for_each(|host| link(&mut body, host, &edge));
    link(&mut body, &edge, &balancer);
    apps.iter().for_each(|app| link(&mut body, &balancer, app));
    hosts.iter().chain([&edge, &balancer]).chain(&apps).for_each(|node| node.draw(&mut body));
    let title = escape(&format!("{} · {}", environment.name, environment.oci.region));
    let width = LEFT * 2 + COLUMN * 3 + WIDTH;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"img\" aria-label=\"Topology of {title}\">\n{STYLE}\
         <rect class=\"page\" width=\"{width}\" height=\"{height}\"/>\n\
         <text class=\"title\" x=\"{LEFT}\" y=\"44\">{title}</text>\n{body}</svg>\n"
    )
}

/// Size of the app, then every host and path that leads to it.
fn app_lines(environment: &Environment, app: &str) -> Vec<String> {
    let size = environment.apps.get(app).map(|app| format!("{} × port {}", app.replicas, app.port));
    let port = match environment.public_port(app) {
        443 => String::new(),
        port => format!(":{port}"),
    };
    let routes = environment.routes().filter(|(_, _, to)| *to == app);
    size.into_iter().chain(routes.map(|(host, path, _)| format!("{host}{port}{path}"))).collect()
}

struct Node {
    column: usize,
    top: usize,
    class: &'static str,
    name: String,
    lines: Vec<String>,
}

fn stacked(
    column: usize,
    class: &'static str,
    members: impl Iterator<Item = (String, Vec<String>)>,
) -> Vec<Node> {
    let mut top = TOP;
    members
        .map(|(name, lines)| {
            let node = Node { column, top, class, name, lines };
            top = node.bottom() + GAP;
            node
        })
        .collect()
}

impl Node {
    fn height(&self) -> usize {
        34 + LINE * self.lines.len()
    }

    fn bottom(&self) -> usize {
        self.top + self.height()
    }

    fn left(&self) -> usize {
        LEFT + self.column * COLUMN
    }

    fn draw(&self, out: &mut String) {
        let Self { top, class, name, lines, .. } = self;
        let (left, height, text) = (self.left(), self.height(), self.left() + 14);
        let _infallible = writeln!(
            out,
            "<g class=\"node {class}\"><rect x=\"{left}\" y=\"{top}\" width=\"{WIDTH}\" height=\"{height}\"/>\
             <text class=\"name\" x=\"{text}\" y=\"{}\">{}</text>",
            top + 23,
            escape(&fitted(name, 24))
        );
        for (number, line) in lines.iter().enumerate() {
            let y = top + 23 + LINE * (number + 1);
            let line = escape(&fitted(line, 29));
            let _infallible =
                writeln!(out, "<text class=\"detail\" x=\"{text}\" y=\"{y}\">{line}</text>");
        }
        out.push_str("</g>\n");
    }
}

const STYLE: &str = "<style>
.page{fill:#fbfaf7}.title{font:600 20px system-ui,sans-serif;fill:#1d2433}
.name{font:600 14px system-ui,sans-serif;fill:#1d2433}.detail{font:12px system-ui,sans-serif;fill:#4d5663}
.node rect{rx:10px;stroke-width:1.5px}.dns rect{fill:#eef3fb;stroke:#7d9ccf}.edge rect{fill:#fff1e2;stroke:#e08a2c}
.balancer rect{fill:#fbe9e7;stroke:#c74634}.app rect{fill:#e9f5ec;stroke:#4c9a63}
.link{fill:none;stroke:#8b93a1;stroke-width:1.5px}
@media (prefers-color-scheme:dark){.page{fill:#14181f}.title,.name{fill:#eef1f6}.detail{fill:#a9b2c0}
.dns rect{fill:#1b2637}.edge rect{fill:#33251a}.balancer rect{fill:#351f1d}.app rect{fill:#1a2c20}}
</style>
";

/// Text that is too long for its box keeps its beginning.
fn fitted(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    text.chars().take(longest - 1).chain(['…']).collect()
}

fn link(out: &mut String, from: &Node, to: &Node) {
    let (x1, y1) = (from.left() + WIDTH, from.top + from.height() / 2);
    let (x2, y2) = (to.left(), to.top + to.height() / 2);
    let bend = usize::midpoint(x1, x2);
    let _infallible =
        writeln!(out, "<path class=\"link\" d=\"M{x1} {y1} C{bend} {y1} {bend} {y2} {x2} {y2}\"/>");
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::parse;

    #[test]
    fn every_host_app_and_route_is_in_the_picture_and_nothing_in_it_runs() {
        let text = include_str!("../../../environments/london.toml");
        let svg = svg(&parse("london.toml", "london", text).unwrap());
        for shown in [
            "london · uk-london-1",
            "codeharmony.net/files/",
            "files.codeharmony.net",
            "2 × port 8080",
        ] {
            assert!(svg.contains(shown), "{shown}");
        }
        assert!(!svg.contains("<script") && !svg.contains("href"));
        assert_eq!(svg.matches("<g ").count(), svg.matches("</g>").count());
    }
}
