use super::{Call, Evaluated, EvaluationFault, Function as F, InstanceAnswer, NodeRef, Value, argument};
use crate::xml::{Document, NodeId, NodeKind};

pub fn counted(call: &Call<'_, '_>, function: F) -> Evaluated<f64> {
    Ok(match function {
        F::Count => call.nodes(0, "count")?.len() as f64,
        F::CountNonEmpty => {
            let mut count = 0_usize;
            for node in call.nodes(0, "count-non-empty")? {
                count += usize::from(!call.scope.node_text(node)?.is_empty());
            }
            count as f64
        }
        F::Last => call.focus.size as f64,
        _ if !call.has(0) => call.focus.position as f64,
        _ => {
            let nodes = call.nodes(0, "position")?;
            let Some(node) = nodes.first() else {
                return Err(argument("position() needs a node, and there is none"));
            };
            place_among_its_like(call, *node)?
        }
    })
}

/// Counted from 1 among the siblings right before it that have its name.
fn place_among_its_like(call: &Call<'_, '_>, node: NodeRef) -> Evaluated<f64> {
    let document = call.scope.document(node.document);
    let name = document.name(node.node);
    let mut place = 1.0;
    let mut before = document.previous(node.node);
    while let Some(sibling) = before {
        call.scope.budget.spend(1)?;
        if document.kind(sibling) == NodeKind::Element && !document.is_hidden(sibling) {
            if document.name(sibling) != name {
                break;
            }
            place += 1.0;
        }
        before = document.previous(sibling);
    }
    Ok(place)
}

pub fn name(call: &Call<'_, '_>, function: F) -> Evaluated<String> {
    let node = if call.has(0) { call.nodes(0, "name")?.into_iter().min() } else { Some(call.focus.node) };
    let Some(node) = node else { return Ok(String::new()) };
    let document = call.scope.document(node.document);
    if matches!(document.kind(node.node), NodeKind::Text | NodeKind::Comment | NodeKind::Document) {
        return Ok(String::new());
    }
    let name = document.name(node.node);
    Ok(match (function, name.prefix) {
        (F::LocalName, _) | (F::Name, "") => name.local.to_owned(),
        (F::NamespaceUri, _) => name.namespace.to_owned(),
        (_, prefix) => format!("{prefix}:{}", name.local),
    })
}

pub fn lang(call: &Call<'_, '_>) -> Evaluated<bool> {
    let wanted = call.text(0)?.to_lowercase();
    let document = call.scope.document(call.focus.node.document);
    let mut at = Some(call.focus.node.node);
    while let Some(node) = at {
        let found = document.attributes(node).find(|it| {
            let name = document.name(*it);
            name.prefix == "xml" && name.local == "lang"
        });
        if let Some(found) = found {
            let language = document.value(found).to_lowercase();
            return Ok(
                language == wanted || language.strip_prefix(&wanted).is_some_and(|it| it.starts_with('-'))
            );
        }
        at = document.parent(node);
    }
    Ok(false)
}

/// Elements whose `id` is one of the words.
pub fn id(call: &Call<'_, '_>) -> Evaluated<Vec<NodeRef>> {
    let texts = call.texts(0)?;
    let wanted: Vec<&str> = texts.iter().flat_map(|it| it.split_ascii_whitespace()).collect();
    let number = call.focus.node.document;
    let document = call.scope.document(number);
    call.scope.budget.spend(document.len() as u64)?;
    let mut found = Vec::new();
    let mut open = vec![NodeId::DOCUMENT];
    while let Some(node) = open.pop() {
        if document.attribute(node, "id").is_some_and(|it| wanted.contains(&it)) {
            found.push(NodeRef { document: number, node });
        }
        open.extend(document.elements(node));
    }
    found.sort_unstable();
    Ok(found)
}

pub fn instance(call: &Call<'_, '_>) -> Evaluated<Vec<NodeRef>> {
    find_instance(call, &call.text(0)?).map(|document| vec![NodeRef { document, node: NodeId::DOCUMENT }])
}

fn find_instance(call: &Call<'_, '_>, id: &str) -> Evaluated<u16> {
    match call.scope.lookup.map_or(InstanceAnswer::Unknown, |it| it.instance(id)) {
        InstanceAnswer::Document(number) => Ok(number),
        InstanceAnswer::Missing => Err(EvaluationFault::InstanceMissing(id.to_owned())),
        InstanceAnswer::Unknown => Err(EvaluationFault::InstanceUnknown(id.to_owned())),
    }
}

/// `instance(a)/root/item[c = d]/b`, the first of them.
pub fn pulldata(call: &Call<'_, '_>) -> Evaluated<String> {
    let number = find_instance(call, &call.text(0)?)?;
    let (wanted, key, query) = (call.text(1)?, call.text(2)?, call.text(3)?);
    let document = call.scope.document(number);
    let Some(root) = document.root() else { return Ok(String::new()) };
    for item in document.elements(root) {
        call.scope.budget.spend(1)?;
        let matches = document.child(item, &key).is_some_and(|it| text_is(document, it, &query));
        if matches {
            return Ok(document.child(item, &wanted).map_or(String::new(), |it| document.text(it)));
        }
    }
    Ok(String::new())
}

/// Whether the text of an element is this one, without putting it together where it is a single piece.
fn text_is(document: &Document, element: NodeId, wanted: &str) -> bool {
    let mut children = document.children(element);
    match (children.next(), children.next()) {
        (None, _) => wanted.is_empty(),
        (Some(only), None) if document.kind(only) == NodeKind::Text => document.value(only) == wanted,
        _ => document.text(element) == wanted,
    }
}

/// The seeded shuffle that ODK's specification names: inside-out Fisher–Yates with Park–Miller's numbers.
pub fn randomize(call: &Call<'_, '_>) -> Evaluated<Vec<NodeRef>> {
    const MODULUS: i64 = 2_147_483_647;
    const FACTOR: i64 = 16_807;
    let nodes = call.nodes(0, "randomize")?;
    let mut state = if call.has(1) {
        let seed = call.number(1)?;
        if seed.fract() != 0.0 || !seed.is_finite() {
            return Err(argument("the seed of randomize() is a whole number"));
        }
        seed as i64
    } else {
        (call.scope.chance() >> 33) as i64
    } % MODULUS;
    if state <= 0 {
        state += MODULUS - 1;
    }
    call.scope.budget.spend(nodes.len() as u64)?;
    let mut shuffled: Vec<NodeRef> = Vec::with_capacity(nodes.len());
    for (index, node) in nodes.into_iter().enumerate() {
        state = state * FACTOR % MODULUS;
        let part = (state - 1) as f64 / (MODULUS - 1) as f64;
        let place = ((part * (index + 1) as f64) as usize).min(index);
        shuffled.push(node);
        shuffled.swap(place, index);
    }
    Ok(shuffled)
}

/// The node in the n-th instance of a repeat, and of repeats within it: an index by the order of the document.
pub fn indexed_repeat(call: &Call<'_, '_>) -> Evaluated<Vec<NodeRef>> {
    if call.arguments.len().is_multiple_of(2) {
        return Err(argument("indexed-repeat() needs an index behind each repeat"));
    }
    let mut nodes = call.nodes(0, "indexed-repeat")?;
    let mut within: Option<NodeRef> = None;
    for index in (1..call.arguments.len()).step_by(2) {
        let repeats = call.nodes(index, "indexed-repeat")?;
        let inside =
            |it: &NodeRef, outer: NodeRef| lies_in(call.scope.document(it.document), it.node, outer.node);
        let repeats: Vec<NodeRef> = match within {
            Some(outer) => repeats.into_iter().filter(|it| inside(it, outer)).collect(),
            None => repeats,
        };
        call.scope.budget.spend((repeats.len() + nodes.len()) as u64)?;
        let wanted = call.scope.number(&Value::Number(call.number(index + 1)?))?;
        let place = if wanted >= 1.0 { wanted as usize - 1 } else { usize::MAX };
        let Some(chosen) = repeats.get(place) else { return Ok(Vec::new()) };
        nodes.retain(|it| inside(it, *chosen));
        within = Some(*chosen);
    }
    nodes.truncate(1);
    Ok(nodes)
}

fn lies_in(document: &Document, node: NodeId, outer: NodeId) -> bool {
    std::iter::successors(Some(node), |it| document.parent(*it)).any(|it| it == outer)
}
