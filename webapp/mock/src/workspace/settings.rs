//! What holds for all stubs of a workspace.

use crate::fields::Field;
use crate::json::{Json, Object};
use crate::refusal::Refusal;
use crate::stub::delay::{Distribution, within};

/// Settings of a workspace.
#[derive(Debug, Default)]
pub struct Settings {
    /// The delay of stubs that have none of their own.
    pub delay: Option<Distribution>,
    /// Whether every response is a template; for stubs that come after.
    pub template_all: bool,
    /// Whether httpbin's endpoints answer where nothing else does.
    pub echo: bool,
    /// Whether pages of other origins may ask: preflights are answered and answers say so.
    pub cors: bool,
    /// Decides what is made up from a schema.
    pub seed: u64,
    source: Object,
}

impl Settings {
    /// Reads WireMock's global settings, with `globalTemplating`, `echo`, `cors` and `seed` beside them.
    ///
    /// # Errors
    /// Names the field that is unknown or wrong.
    pub fn read(json: &Json) -> Result<Self, Refusal> {
        let root = Field::root(json);
        let mut fields = root.fields()?;
        fields.unsupported("extended", "there are no extensions")?;
        fields.unsupported("proxyPassThrough", "nothing is fetched from elsewhere").or_else(
            |refusal| {
                if json.get("proxyPassThrough").and_then(Json::as_bool) == Some(true) {
                    Ok(())
                } else {
                    Err(refusal)
                }
            },
        )?;
        let fixed = fields.take("fixedDelay").map(|field| within(&field)).transpose()?;
        let drawn =
            fields.take("delayDistribution").map(|field| Distribution::read(&field)).transpose()?;
        let template_all = fields.flag("globalTemplating")?;
        let (echo, cors) = (fields.flag("echo")?, fields.flag("cors")?);
        let seed = fields.number("seed")?.unwrap_or(0);
        fields.finish()?;
        let source = json.as_object().cloned().unwrap_or_default();
        Ok(Self {
            delay: drawn.or(fixed.map(Distribution::Fixed)),
            template_all,
            echo,
            cors,
            seed,
            source,
        })
    }

    #[must_use]
    pub fn to_json(&self) -> Json {
        Json::Object(self.source.clone())
    }
}
