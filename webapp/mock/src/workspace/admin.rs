//! WireMock's `__admin` API over one workspace.

use crate::json::{Json, object};
use crate::random::Random;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::request::Request;

use super::{Settings, Workspace};

mod content;
mod mappings;
mod near;
mod requests;

/// Where the API begins.
pub const PREFIX: &str = "/__admin";

/// The version of WireMock whose API this is.
pub const VERSION: &str = "3.13.2";

type Answer = Result<Reply, Refusal>;

impl Workspace {
    /// Answers a request to the admin API; `now` is in milliseconds since 1970.
    pub fn admin(&mut self, request: &Request, now: i64, random: &mut dyn Random) -> Reply {
        let path = request.path().strip_prefix(PREFIX).unwrap_or(request.path());
        let steps: Vec<&str> = path.split('/').filter(|step| !step.is_empty()).collect();
        let answer = match (request.method.as_str(), steps.as_slice()) {
            (_, ["mappings", rest @ ..]) => mappings::answer(self, request, rest, random),
            ("GET", ["requests", "unmatched", "near-misses"]) => {
                near::answer(self, request, &["unmatched"], now)
            }
            (_, ["requests", rest @ ..]) => requests::answer(self, request, rest),
            (_, ["near-misses", rest @ ..]) => near::answer(self, request, rest, now),
            (_, ["scenarios", rest @ ..]) => self.scenario_calls(request, rest),
            (_, [step @ ("paste" | "export" | "openapi" | "data")]) => {
                content::answer(self, request, step, random)
            }
            ("POST", ["reset"]) => Ok(self.reset()),
            ("GET", ["settings"]) => {
                Ok(Reply::json(200, &object([("settings", self.settings.to_json())])))
            }
            ("POST" | "PUT", ["settings"]) => self.set_settings(request),
            ("GET", ["health"]) => Ok(health(now)),
            ("GET", ["version"]) => Ok(Reply::json(200, &object([("version", VERSION.into())]))),
            (_, ["files", ..]) => {
                Err(Refusal::new("", "files are not supported: give bodies in the stubs"))
            }
            (_, ["recordings", ..]) => Err(Refusal::new(
                "",
                "recording is not supported: nothing is fetched from elsewhere",
            )),
            (_, ["shutdown"]) => {
                Err(Refusal::new("", "shutdown is not supported: the server is shared"))
            }
            _ => Ok(not_found()),
        };
        answer.unwrap_or_else(|refusal| {
            Reply::json(422, &refusal.to_json()).because(refusal.to_string())
        })
    }

    fn reset(&mut self) -> Reply {
        self.stubs.clear();
        self.scenarios.reset();
        self.journal.take(|_| true);
        done()
    }

    fn set_settings(&mut self, request: &Request) -> Answer {
        let body = body(request)?;
        self.settings = Settings::read(body.get("settings").unwrap_or(&body))?;
        Ok(done())
    }

    fn scenario_calls(&mut self, request: &Request, steps: &[&str]) -> Answer {
        match (request.method.as_str(), steps) {
            ("GET", []) => {
                let stubs = self.stubs.newest_first();
                let list = self.scenarios.list(stubs.into_iter().map(|stub| &**stub));
                Ok(Reply::json(200, &object([("scenarios", Json::Array(list))])))
            }
            ("POST", ["reset"]) | ("DELETE", []) => {
                self.scenarios.reset();
                Ok(done())
            }
            ("PUT", [name, "state"]) => {
                self.set_state(request, &crate::request::decode_percent(name))
            }
            _ => Ok(not_found()),
        }
    }

    fn set_state(&mut self, request: &Request, name: &str) -> Answer {
        let stubs = self.stubs.newest_first();
        let list = self.scenarios.list(stubs.into_iter().map(|stub| &**stub));
        let known =
            list.iter().find(|scenario| scenario.get("name").and_then(Json::as_str) == Some(name));
        let Some(known) = known else {
            let refusal = Refusal::new("", format!("Scenario {name} does not exist"));
            return Ok(Reply::json(404, &refusal.to_json()));
        };
        let state = if request.body.is_empty() { Json::Null } else { body(request)? };
        let state = state.get("state").and_then(Json::as_str).unwrap_or(crate::scenarios::STARTED);
        let possible = known.get("possibleStates").and_then(Json::as_array).unwrap_or_default();
        if !possible.iter().any(|known| known.as_str() == Some(state)) {
            return Err(Refusal::new(
                "/state",
                format!("Scenario {name} does not support state {state}"),
            ));
        }
        self.scenarios.set(name, state);
        Ok(done())
    }
}

fn health(now: i64) -> Reply {
    let at = crate::moment::format(crate::moment::Moment::utc(now), "yyyy-MM-dd'T'HH:mm:ss.SSSX");
    Reply::json(
        200,
        &object([
            ("status", "healthy".into()),
            ("message", "Wiremock is ok".into()),
            ("version", VERSION.into()),
            ("timestamp", at.into()),
        ]),
    )
}

fn body(request: &Request) -> Result<Json, Refusal> {
    Json::parse(&request.body)
        .map_err(|why| Refusal::new("", format!("the body is not JSON: {why}")))
}

fn done() -> Reply {
    Reply::json(200, &object([]))
}

fn not_found() -> Reply {
    Reply::new(404)
}

/// `limit` and `offset` of a list.
fn page<T>(request: &Request, items: impl Iterator<Item = T>) -> Vec<T> {
    let number =
        |name: &str| request.query_values(name).first().and_then(|text| text.parse::<usize>().ok());
    items.skip(number("offset").unwrap_or(0)).take(number("limit").unwrap_or(usize::MAX)).collect()
}

fn with_total(name: &str, items: Vec<Json>, total: usize) -> Reply {
    Reply::json(
        200,
        &object([(name, Json::Array(items)), ("meta", object([("total", total.into())]))]),
    )
}
