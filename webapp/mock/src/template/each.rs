//! `each`, whose rounds are counted.

use std::sync::{Arc, Mutex, PoisonError};

use handlebars::{
    BlockContext, BlockParams, Context, Handlebars, Helper, HelperDef, HelperResult, Output,
    RenderContext, Renderable,
};
use serde_json::Value;

use super::call::{Run, cost};

/// The helper.
pub(super) struct Each(pub(super) Arc<Mutex<Run>>);

impl HelperDef for Each {
    fn call<'reg: 'rc, 'rc>(
        &self,
        h: &Helper<'rc>,
        r: &'reg Handlebars<'reg>,
        ctx: &'rc Context,
        rc: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let value = h.param(0).map(|param| param.value());
        let items: Vec<(Value, &Value)> = match value {
            Some(Value::Array(items)) => {
                items.iter().enumerate().map(|(i, v)| (i.into(), v)).collect()
            }
            Some(Value::Object(fields)) => {
                fields.iter().map(|(k, v)| (k.as_str().into(), v)).collect()
            }
            _ => Vec::new(),
        };
        if items.is_empty() {
            return h.inverse().map_or(Ok(()), |inverse| inverse.render(r, ctx, rc, out));
        }
        let Some(template) = h.template() else { return Ok(()) };
        let last = items.len() - 1;
        for (i, (key, item)) in items.into_iter().enumerate() {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).spend(1 + cost(item))?;
            rc.push_block(round(h, (i, last), key, item)?);
            let result = template.render(r, ctx, rc, out);
            rc.pop_block();
            result?;
        }
        Ok(())
    }
}

fn round<'rc>(
    h: &Helper<'rc>,
    (i, last): (usize, usize),
    key: Value,
    item: &Value,
) -> Result<BlockContext<'rc>, handlebars::RenderError> {
    let mut block = BlockContext::new();
    block.set_local_var("index", i.into());
    block.set_local_var("first", (i == 0).into());
    block.set_local_var("last", (i == last).into());
    if let Some(name) = h.block_param() {
        let mut params = BlockParams::new();
        params.add_value(name, item.clone())?;
        block.set_block_params(params);
    } else if let Some((name, key_name)) = h.block_param_pair() {
        let mut params = BlockParams::new();
        params.add_value(name, item.clone())?;
        params.add_value(key_name, key.clone())?;
        block.set_block_params(params);
    }
    block.set_local_var("key", key);
    block.set_base_value(item.clone());
    Ok(block)
}
