//! Everything that one tenant has, and the one function that answers for it.

use std::sync::Arc;

use crate::crud::Crud;
use crate::echo::echo;
use crate::journal::Journal;
use crate::json::{Json, Object, object};
use crate::near_miss::{Verdict, judge, nearest};
use crate::openapi::OpenApi;
use crate::random::Random;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::request::Request;
use crate::scenarios::Scenarios;
use crate::stub::asks::Seen;
use crate::stub::delay::{Delay, MAX_DELAY};
use crate::stub::{MAX_STUB, Stub};
use crate::stubs::Stubs;
use crate::template::{Template, model};

pub mod admin;
pub mod settings;

pub use settings::Settings;

/// The largest body of a request, in bytes.
pub const MAX_BODY: usize = 1 << 20;
/// So many stubs, the nearest by URL and method, are compared field by field.
const MAX_JUDGED: usize = 16;
/// The largest URL of a request, in bytes.
pub const MAX_URL: usize = 16 * 1024;

/// Stubs, scenarios, journal and settings of one tenant.
#[derive(Debug, Default)]
pub struct Workspace {
    pub stubs: Stubs,
    pub scenarios: Scenarios,
    pub journal: Journal,
    pub settings: Settings,
    /// Resources that are made and changed over HTTP.
    pub crud: Crud,
    pub openapi: Option<OpenApi>,
}

impl Workspace {
    /// Answers a request at `now` (milliseconds since 1970) and keeps it in the journal.
    pub fn answer(&mut self, request: &Request, now: i64, random: &mut dyn Random) -> Reply {
        if request.body.len() > MAX_BODY || request.url.len() > MAX_URL {
            let why =
                format!("a request has at most {MAX_BODY} bytes of body and {MAX_URL} of URL");
            return Reply::text(413, why.clone()).because(why);
        }
        let seen = Seen::new(request, now);
        let id = random.uuid();
        let scenarios = &self.scenarios;
        let accepts =
            |stub: &Stub| scenarios.allow(stub.scenario.as_ref()) && stub.request.accepts(&seen);
        let reply = match self.stubs.first(&request.url, accepts) {
            Some(stub) => {
                self.scenarios.advance(stub.scenario.as_ref());
                let mut reply = self.respond(&stub, request, &id, (now, random));
                reply.why = format!("stub {}", stub.name.as_ref().unwrap_or(&stub.id));
                reply.stub = Some(stub);
                reply
            }
            None => self.beyond_stubs(request, random).unwrap_or_else(|| self.unmatched(&seen)),
        };
        self.journal.record(id, now, request, &reply);
        reply
    }

    /// What answers where no stub does: data, then the document, then the echo.
    fn beyond_stubs(&mut self, request: &Request, random: &mut dyn Random) -> Option<Reply> {
        let from_data = self.crud.answer(request, random);
        let from_document = || self.openapi.as_ref()?.answer(request, self.settings.seed);
        let found = from_data.or_else(from_document);
        if found.is_none() && self.settings.echo { echo(request, random) } else { found }
    }

    fn respond(
        &self,
        stub: &Stub,
        request: &Request,
        id: &str,
        (now, random): (i64, &mut dyn Random),
    ) -> Reply {
        let response = &stub.response;
        let delay = response.delay.or(self.settings.delay).map_or(0, |delay| delay.sample(random));
        let mut reply = Reply {
            status: response.status,
            message: response.message.clone(),
            headers: response.headers.clone(),
            delay: Delay { before: delay.min(MAX_DELAY), dribble: response.dribble },
            fault: response.fault,
            ..Reply::default()
        };
        if response.template.is_some() || !response.header_templates.is_empty() {
            let variables = stub.request.variables(request);
            let model = model::model(request, id, &variables, &response.parameters);
            let seed = random.next();
            let render = |template: &Template| template.render(&model, now, seed);
            if let Err(why) = fill(&mut reply, stub, render) {
                return Reply::text(500, why.clone()).because(why);
            }
        } else {
            reply.body.clone_from(&response.body);
        }
        reply.headers.push(("Matched-Stub-Id".into(), stub.id.clone()));
        reply.headers.extend(stub.name.clone().map(|name| ("Matched-Stub-Name".into(), name)));
        reply
    }

    fn unmatched(&self, seen: &Seen<'_>) -> Reply {
        if self.stubs.is_empty() {
            let why =
                "No response could be served as there are no stub mappings in this workspace.";
            return Reply { unmatched: true, ..Reply::text(404, why).because(why) };
        }
        let mut text = String::from("Request was not matched\n\n");
        if let Some((verdict, stub)) = self.closest_stubs(seen).into_iter().next() {
            let name = stub.name.as_ref().unwrap_or(&stub.id);
            text.push_str("Closest stub: ");
            text.push_str(name);
            for difference in &verdict.differences {
                let (field, expected, found) =
                    (&difference.field, &difference.expected, &difference.found);
                text.push_str(
                    &["\n  ", field, ": expected ", expected, ", found ", found].concat(),
                );
            }
            text.push('\n');
        }
        Reply { unmatched: true, ..Reply::text(404, text).because("no stub accepts the request") }
    }

    /// The stubs that a request comes closest to.
    #[must_use]
    pub fn closest_stubs(&self, seen: &Seen<'_>) -> Vec<(Verdict, Arc<Stub>)> {
        let nothing = Json::Object(Object::new());
        let mut stubs: Vec<(f64, &Arc<Stub>)> =
            self.stubs.newest_first().into_iter().map(|stub| (rough(stub, seen), stub)).collect();
        stubs.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        let judged = stubs.into_iter().take(MAX_JUDGED).map(|(_, stub)| {
            let source = stub.source.get("request").unwrap_or(&nothing);
            let mut verdict = judge(&stub.request, source, seen);
            if !self.scenarios.allow(stub.scenario.as_ref()) {
                verdict.distance = f64::midpoint(verdict.distance, 0.5);
            }
            (verdict, Arc::clone(stub))
        });
        nearest(judged)
    }

    /// Adds a stub from WireMock's JSON, or replaces the one with its identifier.
    ///
    /// # Errors
    /// Names the field that is unknown, unsupported or wrong, or the quota that is used up.
    pub fn put(&mut self, json: &Json, random: &mut dyn Random) -> Result<Arc<Stub>, Refusal> {
        let stub = self.read(json, random)?;
        self.stubs.put(stub)
    }

    fn read(&self, json: &Json, random: &mut dyn Random) -> Result<Stub, Refusal> {
        let size = json.to_string().len();
        if size > MAX_STUB {
            return Err(Refusal::new(
                "",
                format!("a stub has at most {MAX_STUB} bytes, this one {size}"),
            ));
        }
        Stub::read(json, || random.uuid(), self.settings.template_all)
    }

    /// About how many bytes its content has as JSON, without the journal.
    #[must_use]
    pub fn weight(&self) -> usize {
        let document = self.openapi.as_ref().map_or(0, OpenApi::bytes);
        self.stubs.bytes() + self.crud.bytes() + document
    }

    /// Everything but the journal, as one document.
    #[must_use]
    pub fn export(&self) -> Json {
        let mut mappings: Vec<Json> =
            self.stubs.newest_first().into_iter().map(|stub| stub.source.clone()).collect();
        mappings.reverse();
        object([
            ("mappings", Json::Array(mappings)),
            ("meta", object([("total", self.stubs.len().into())])),
            ("settings", self.settings.to_json()),
            ("crud", self.crud.to_json()),
            ("openapi", self.openapi.as_ref().map(|api| api.to_json().clone()).into()),
        ])
    }

    /// A workspace from what [`Workspace::export`] gave, or from a file of WireMock's.
    ///
    /// # Errors
    /// Names the mapping and field that are refused; nothing is half taken.
    pub fn import(json: &Json, random: &mut dyn Random) -> Result<Self, Refusal> {
        let mut workspace = Self::default();
        if let Some(settings) = json.get("settings") {
            workspace.settings =
                Settings::read(settings).map_err(|refusal| refusal.below("/settings"))?;
        }
        if let Some(data) = json.get("crud") {
            workspace.crud = Crud::new(data).map_err(|refusal| refusal.below("/crud"))?;
        }
        if let Some(document) = json.get("openapi").filter(|document| !document.is_null()) {
            let api =
                OpenApi::new(document.clone()).map_err(|refusal| refusal.below("/openapi"))?;
            workspace.openapi = Some(api);
        }
        let mappings = json.get("mappings").and_then(Json::as_array);
        let mappings = mappings
            .ok_or_else(|| Refusal::new("/mappings", "expected an array of stub mappings"))?;
        for (i, mapping) in mappings.iter().enumerate() {
            workspace
                .put(mapping, random)
                .map_err(|refusal| refusal.below(&format!("/mappings/{i}")))?;
        }
        Ok(workspace)
    }
}

/// How far a request is from a stub by URL and method alone, which is cheap enough to ask of all stubs.
fn rough(stub: &Stub, seen: &Seen<'_>) -> f64 {
    let method = if stub.request.accepts_method(&seen.request.method) { 0.0 } else { 3.0 };
    10.0 * stub.request.url.distance(seen.request) + method
}

fn fill(
    reply: &mut Reply,
    stub: &Stub,
    render: impl Fn(&Template) -> Result<String, String>,
) -> Result<(), String> {
    reply.body = match stub.template() {
        Some(template) => render(template)?.into_bytes(),
        None => stub.response.body.clone(),
    };
    for (place, template) in &stub.response.header_templates {
        let value = render(template)?;
        if value.contains(['\r', '\n', '\0']) {
            return Err("a header's template wrote more than one line".into());
        }
        reply.headers[*place].1 = value;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
