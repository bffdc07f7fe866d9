//! URLSearchParams (URL Standard).

use super::{
    encoding::getter,
    search_pairs::{self, Pair, Source},
    wrong_receiver,
};
use boa_engine::{
    Context, Finalize, JsArgs, JsData, JsNativeError, JsResult, JsString, JsSymbol, JsValue,
    NativeFunction, Trace,
    class::{Class, ClassBuilder},
    js_string,
    native_function::NativeFunctionPointer,
    object::builtins::JsArray,
    property::Attribute,
};
use std::{cell::RefCell, rc::Rc};

/// Pairs of a URL's query, or of none.
#[derive(Debug, Trace, Finalize, JsData)]
pub struct SearchParams {
    #[unsafe_ignore_trace]
    source: Source,
}

const METHODS: [(&str, usize, NativeFunctionPointer); 12] = [
    ("append", 2, append),
    ("delete", 1, delete),
    ("get", 1, get),
    ("getAll", 1, get_all),
    ("has", 1, has),
    ("set", 2, set),
    ("sort", 0, sort),
    ("toString", 0, to_string),
    ("forEach", 1, for_each),
    ("entries", 0, |this, _, context| {
        iterate(this, context, |(name, value)| vec![name, value])
    }),
    ("keys", 0, |this, _, context| {
        iterate(this, context, |(name, _)| vec![name])
    }),
    ("values", 0, |this, _, context| {
        iterate(this, context, |(_, value)| vec![value])
    }),
];

impl SearchParams {
    /// The parameters that read and write the URL's query.
    pub fn of_url(url: Rc<RefCell<url::Url>>) -> Self {
        Self {
            source: Source::Url(url),
        }
    }

    fn pairs(&self) -> Vec<Pair> {
        self.source.pairs()
    }

    fn replace(&self, pairs: Vec<Pair>) {
        self.source.replace(pairs);
    }
}

impl Class for SearchParams {
    const NAME: &'static str = "URLSearchParams";

    fn init(class: &mut ClassBuilder<'_>) -> JsResult<()> {
        getter(class, js_string!("size"), |this, _, _| {
            with(this, |params| JsValue::from(params.pairs().len()))
        });
        for (name, length, method) in METHODS {
            let function = NativeFunction::from_fn_ptr(method);
            class.method(JsString::from(name), length, function);
        }
        let realm = class.context().realm().clone();
        let entries: NativeFunctionPointer =
            |this, _, context| iterate(this, context, |(name, value)| vec![name, value]);
        let entries = NativeFunction::from_fn_ptr(entries).to_js_function(&realm);
        let attribute = Attribute::WRITABLE | Attribute::CONFIGURABLE;
        class.property(JsSymbol::iterator(), entries, attribute);
        Ok(())
    }

    fn data_constructor(
        _: &JsValue,
        arguments: &[JsValue],
        context: &mut Context,
    ) -> JsResult<Self> {
        let pairs = search_pairs::initial(arguments.get_or_undefined(0), context)?;
        Ok(Self {
            source: Source::Own(RefCell::new(pairs)),
        })
    }
}

fn with<R>(this: &JsValue, read: impl FnOnce(&SearchParams) -> R) -> JsResult<R> {
    let object = this.as_object();
    let params = object
        .as_ref()
        .and_then(|object| object.downcast_ref::<SearchParams>());
    params
        .map(|params| read(&params))
        .ok_or_else(|| wrong_receiver("URLSearchParams"))
}

fn argument(arguments: &[JsValue], index: usize, context: &mut Context) -> JsResult<String> {
    Ok(arguments
        .get_or_undefined(index)
        .to_string(context)?
        .to_std_string_lossy())
}

/// The optional second argument of `has` and `delete`.
fn value_filter(arguments: &[JsValue], context: &mut Context) -> JsResult<Option<String>> {
    match arguments.get_or_undefined(1) {
        value if value.is_undefined() => Ok(None),
        value => Ok(Some(value.to_string(context)?.to_std_string_lossy())),
    }
}

fn as_js(text: &str) -> JsValue {
    JsValue::from(JsString::from(text))
}

fn append(this: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let pair = (
        argument(arguments, 0, context)?,
        argument(arguments, 1, context)?,
    );
    with(this, |params| {
        let mut pairs = params.pairs();
        pairs.push(pair);
        params.replace(pairs);
    })?;
    Ok(JsValue::undefined())
}

fn delete(this: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let name = argument(arguments, 0, context)?;
    let only = value_filter(arguments, context)?;
    with(this, |params| {
        let mut pairs = params.pairs();
        pairs.retain(|pair| pair.0 != name || only.as_ref().is_some_and(|only| *only != pair.1));
        params.replace(pairs);
    })?;
    Ok(JsValue::undefined())
}

fn get(this: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let name = argument(arguments, 0, context)?;
    let pairs = with(this, SearchParams::pairs)?;
    let pair = pairs.iter().find(|pair| pair.0 == name);
    Ok(pair.map_or_else(JsValue::null, |pair| as_js(&pair.1)))
}

fn get_all(this: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let name = argument(arguments, 0, context)?;
    let pairs = with(this, SearchParams::pairs)?;
    let values = pairs
        .iter()
        .filter(|pair| pair.0 == name)
        .map(|pair| as_js(&pair.1));
    Ok(JsArray::from_iter(values.collect::<Vec<_>>(), context).into())
}

fn has(this: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let name = argument(arguments, 0, context)?;
    let only = value_filter(arguments, context)?;
    let pairs = with(this, SearchParams::pairs)?;
    let matches = |pair: &Pair| pair.0 == name && only.as_ref().is_none_or(|only| *only == pair.1);
    Ok(JsValue::from(pairs.iter().any(matches)))
}

fn set(this: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let (name, value) = (
        argument(arguments, 0, context)?,
        argument(arguments, 1, context)?,
    );
    with(this, |params| {
        let mut pairs = params.pairs();
        match pairs.iter().position(|pair| pair.0 == name) {
            None => pairs.push((name, value)),
            Some(first) => {
                let mut index = 0;
                pairs.retain(|pair| {
                    index += 1;
                    index - 1 <= first || pair.0 != name
                });
                pairs[first].1 = value;
            }
        }
        params.replace(pairs);
    })?;
    Ok(JsValue::undefined())
}

/// By code units of the names, stable.
fn sort(this: &JsValue, _: &[JsValue], _: &mut Context) -> JsResult<JsValue> {
    with(this, |params| {
        let mut pairs = params.pairs();
        pairs.sort_by(|left, right| left.0.encode_utf16().cmp(right.0.encode_utf16()));
        params.replace(pairs);
    })?;
    Ok(JsValue::undefined())
}

fn to_string(this: &JsValue, _: &[JsValue], _: &mut Context) -> JsResult<JsValue> {
    Ok(as_js(&search_pairs::encoded(&with(
        this,
        SearchParams::pairs,
    )?)))
}

fn for_each(this: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let callback = arguments.get_or_undefined(0).as_function();
    let callback = callback
        .ok_or_else(|| JsNativeError::typ().with_message("the callback must be a function"))?;
    for (name, value) in with(this, SearchParams::pairs)? {
        let receiver = arguments.get_or_undefined(1);
        callback.call(
            receiver,
            &[as_js(&value), as_js(&name), this.clone()],
            context,
        )?;
    }
    Ok(JsValue::undefined())
}

/// An iterator over the pairs as they are now; one part of each, or both as an array.
fn iterate(
    this: &JsValue,
    context: &mut Context,
    parts: fn(Pair) -> Vec<String>,
) -> JsResult<JsValue> {
    let mut items = Vec::new();
    for pair in with(this, SearchParams::pairs)? {
        let parts: Vec<JsValue> = parts(pair).iter().map(|part| as_js(part)).collect();
        items.push(match parts.as_slice() {
            [part] => part.clone(),
            _ => JsArray::from_iter(parts, context).into(),
        });
    }
    let list = JsArray::from_iter(items, context);
    let values = context.intrinsics().objects().array_prototype_values();
    values.call(&list.into(), &[], context)
}
