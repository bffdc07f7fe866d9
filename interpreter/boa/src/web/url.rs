//! URL (URL Standard), parsed and changed by the `url` crate.

use super::{ACCESSOR, encoding::getter, search_params::SearchParams, wrong_receiver};
use boa_engine::{
    Context, Finalize, JsArgs, JsData, JsNativeError, JsObject, JsResult, JsString, JsValue,
    NativeFunction, Trace,
    class::{Class, ClassBuilder},
    js_string,
    native_function::NativeFunctionPointer,
};
use std::{cell::RefCell, rc::Rc};
use url::{Position, quirks};

/// A URL and the search parameters that read and write it.
#[derive(Debug, Trace, Finalize, JsData)]
pub struct Url {
    #[unsafe_ignore_trace]
    url: Rc<RefCell<url::Url>>,
    params: JsObject,
}

type Setter = fn(&mut url::Url, &str);

const SETTERS: [(&str, NativeFunctionPointer, NativeFunctionPointer); 9] = [
    (
        "protocol",
        |this, _, _| text(this, quirks::protocol),
        |this, arguments, context| {
            set(this, arguments, context, |url, to| {
                let _ = quirks::set_protocol(url, to);
            })
        },
    ),
    (
        "username",
        |this, _, _| text(this, quirks::username),
        |this, arguments, context| {
            set(this, arguments, context, |url, to| {
                let _ = quirks::set_username(url, to);
            })
        },
    ),
    (
        "password",
        |this, _, _| text(this, quirks::password),
        |this, arguments, context| {
            set(this, arguments, context, |url, to| {
                let _ = quirks::set_password(url, to);
            })
        },
    ),
    (
        "host",
        |this, _, _| text(this, quirks::host),
        |this, arguments, context| {
            set(this, arguments, context, |url, to| {
                let _ = quirks::set_host(url, to);
            })
        },
    ),
    (
        "hostname",
        |this, _, _| text(this, quirks::hostname),
        |this, arguments, context| {
            set(this, arguments, context, |url, to| {
                let _ = quirks::set_hostname(url, to);
            })
        },
    ),
    (
        "port",
        |this, _, _| text(this, quirks::port),
        |this, arguments, context| {
            set(this, arguments, context, |url, to| {
                let _ = quirks::set_port(url, to);
            })
        },
    ),
    (
        "pathname",
        |this, _, _| text(this, quirks::pathname),
        |this, arguments, context| set(this, arguments, context, quirks::set_pathname),
    ),
    (
        "search",
        |this, _, _| text(this, quirks::search),
        |this, arguments, context| set(this, arguments, context, quirks::set_search),
    ),
    (
        "hash",
        |this, _, _| text(this, quirks::hash),
        |this, arguments, context| set(this, arguments, context, quirks::set_hash),
    ),
];

impl Class for Url {
    const NAME: &'static str = "URL";
    const LENGTH: usize = 1;

    fn init(class: &mut ClassBuilder<'_>) -> JsResult<()> {
        let realm = class.context().realm().clone();
        for (name, get, set) in SETTERS {
            let get = NativeFunction::from_fn_ptr(get).to_js_function(&realm);
            let set = NativeFunction::from_fn_ptr(set).to_js_function(&realm);
            class.accessor(JsString::from(name), Some(get), Some(set), ACCESSOR);
        }
        let get = NativeFunction::from_fn_ptr(href).to_js_function(&realm);
        let set = NativeFunction::from_fn_ptr(set_href).to_js_function(&realm);
        class.accessor(js_string!("href"), Some(get), Some(set), ACCESSOR);
        getter(class, js_string!("origin"), |this, _, _| {
            with_url(this, |url| {
                JsValue::from(JsString::from(quirks::origin(url).as_str()))
            })
        });
        getter(class, js_string!("searchParams"), search_params);
        class.method(js_string!("toString"), 0, NativeFunction::from_fn_ptr(href));
        class.method(js_string!("toJSON"), 0, NativeFunction::from_fn_ptr(href));
        class.static_method(
            js_string!("canParse"),
            1,
            NativeFunction::from_fn_ptr(can_parse),
        );
        class.static_method(js_string!("parse"), 1, NativeFunction::from_fn_ptr(parse));
        Ok(())
    }

    fn data_constructor(
        _: &JsValue,
        arguments: &[JsValue],
        context: &mut Context,
    ) -> JsResult<Self> {
        match parsed(arguments, context)? {
            Some(url) => Self::new(url, context),
            None => Err(invalid()),
        }
    }
}

impl Url {
    fn new(url: url::Url, context: &mut Context) -> JsResult<Self> {
        let url = Rc::new(RefCell::new(url));
        let params = SearchParams::from_data(SearchParams::of_url(url.clone()), context)?;
        Ok(Self { url, params })
    }
}

fn invalid() -> boa_engine::JsError {
    JsNativeError::typ().with_message("Invalid URL").into()
}

/// The URL of `(text, base)`; none when it is not valid.
fn parsed(arguments: &[JsValue], context: &mut Context) -> JsResult<Option<url::Url>> {
    let text = arguments
        .get_or_undefined(0)
        .to_string(context)?
        .to_std_string_lossy();
    let base = match arguments.get_or_undefined(1) {
        base if base.is_undefined() => None,
        base => Some(base.to_string(context)?.to_std_string_lossy()),
    };
    Ok(match base {
        None => url::Url::parse(&text).ok(),
        Some(base) => url::Url::parse(&base)
            .ok()
            .and_then(|base| base.join(&text).ok()),
    })
}

fn with_url<R>(this: &JsValue, read: impl FnOnce(&mut url::Url) -> R) -> JsResult<R> {
    let object = this.as_object();
    let data = object
        .as_ref()
        .and_then(|object| object.downcast_ref::<Url>());
    let data = data.ok_or_else(|| wrong_receiver("URL"))?;
    Ok(read(&mut data.url.borrow_mut()))
}

fn text(this: &JsValue, part: for<'url> fn(&'url url::Url) -> &'url str) -> JsResult<JsValue> {
    with_url(this, |url| JsValue::from(JsString::from(part(url))))
}

fn set(
    this: &JsValue,
    arguments: &[JsValue],
    context: &mut Context,
    setter: Setter,
) -> JsResult<JsValue> {
    let to = arguments
        .get_or_undefined(0)
        .to_string(context)?
        .to_std_string_lossy();
    with_url(this, |url| setter(url, &to))?;
    Ok(JsValue::undefined())
}

fn href(this: &JsValue, _: &[JsValue], _: &mut Context) -> JsResult<JsValue> {
    with_url(this, |url| {
        JsValue::from(JsString::from(&url[Position::BeforeScheme..]))
    })
}

fn set_href(this: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let to = arguments
        .get_or_undefined(0)
        .to_string(context)?
        .to_std_string_lossy();
    let to = url::Url::parse(&to).map_err(|_| invalid())?;
    with_url(this, |url| *url = to)?;
    Ok(JsValue::undefined())
}

fn search_params(this: &JsValue, _: &[JsValue], _: &mut Context) -> JsResult<JsValue> {
    let object = this.as_object();
    let data = object
        .as_ref()
        .and_then(|object| object.downcast_ref::<Url>());
    data.map(|url| url.params.clone().into())
        .ok_or_else(|| wrong_receiver("URL"))
}

fn can_parse(_: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    Ok(JsValue::from(parsed(arguments, context)?.is_some()))
}

fn parse(_: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    match parsed(arguments, context)? {
        None => Ok(JsValue::null()),
        Some(url) => {
            let data = Url::new(url, context)?;
            Ok(Url::from_data(data, context)?.into())
        }
    }
}
