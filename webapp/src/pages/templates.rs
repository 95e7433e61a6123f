//! The templates, part of the binary, compiled once.

use handlebars::Handlebars;
use serde::Serialize;

const TEMPLATES: &[(&str, &str)] = &[
    ("carpet", include_str!("../../../templates/webapp/carpet.hbs")),
    ("docs", include_str!("../../../templates/webapp/docs.hbs")),
    ("fractal", include_str!("../../../templates/webapp/fractal.hbs")),
    ("home", include_str!("../../../templates/webapp/home.hbs")),
    ("layout", include_str!("../../../templates/webapp/layout.hbs")),
    ("mock", include_str!("../../../templates/webapp/mock.hbs")),
    ("mock_workspace", include_str!("../../../templates/webapp/mock_workspace.hbs")),
    ("not_found", include_str!("../../../templates/webapp/not_found.hbs")),
    ("pdf", include_str!("../../../templates/webapp/pdf.hbs")),
    ("problem", include_str!("../../../templates/webapp/problem.hbs")),
    ("tool", include_str!("../../../templates/webapp/tool.hbs")),
    ("under_the_hood", include_str!("../../../templates/webapp/under_the_hood.hbs")),
];

/// Every page's template. Strict: a value that a template asks for and nobody gives is an error.
#[derive(Debug)]
pub(crate) struct Pages(Handlebars<'static>);

impl Pages {
    pub(crate) fn compiled() -> Self {
        let mut templates = Handlebars::new();
        templates.set_strict_mode(true);
        templates.set_prevent_indent(true);
        for (name, text) in TEMPLATES {
            let compiled = templates.register_template_string(name, text);
            compiled.expect("an embedded template is compiled by every test of a page");
        }
        Self(templates)
    }

    pub(crate) fn render(&self, name: &str, data: &impl Serialize) -> Option<String> {
        self.0.render(name, data).ok()
    }
}
