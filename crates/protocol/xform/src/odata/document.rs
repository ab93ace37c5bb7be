use serde_json::{Value, json};

use crate::{
    form::DataType,
    table::{ID, Node, SYSTEM, Table, identifier},
    xml::{Document, Name, NodeId},
};

const EDMX: &str = "http://docs.oasis-open.org/odata/ns/edmx";
const EDM: &str = "http://docs.oasis-open.org/odata/ns/edm";
const CAPABILITIES: &str = "Org.OData.Capabilities.V1";

/// The document at `.svc`: which tables there are. `service` is its address.
pub fn service_document(service: &str, tables: &[&Table]) -> Value {
    let entry = |it: &&Table| json!({ "name": it.name, "kind": "EntitySet", "url": it.name });
    json!({
        "@odata.context": format!("{service}/$metadata"),
        "value": tables.iter().map(entry).collect::<Vec<_>>(),
    })
}

/// The document at `.svc/$metadata`, EDMX 4.0. Tables by number, as their repeats name them; `kind` is `submission` or
/// `entity`, `name` the form's id or the name of the list.
pub fn metadata(tables: &[&Table], kind: &str, name: &str) -> String {
    let system = format!("org.opendatakit.{kind}");
    let own = format!("org.opendatakit.user.{}", identifier(name));
    let mut writer = Writer { document: Document::new(), tables, own: &own, system: &system };
    let top = writer.element_in(NodeId::DOCUMENT, ("edmx", "Edmx"), &[("Version", "4.0")]);
    writer.document.append_namespace(top, "edmx", EDMX);
    let services = writer.element_in(top, ("edmx", "DataServices"), &[]);
    writer.system(services);
    let schema = writer.schema(services, &own);
    for table in tables {
        writer.entity(schema, table);
    }
    for table in tables {
        writer.groups(schema, table, table.nodes(), &within(table));
    }
    writer.container(schema, &identifier(name));
    let xml = writer.document.to_xml();
    let body = xml.find("<edmx:Edmx").map_or("", |it| &xml[it..]);
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{body}")
}

struct Writer<'a> {
    document: Document,
    tables: &'a [&'a Table],
    /// The namespace of the tables.
    own: &'a str,
    /// The namespace of what the server says of a row.
    system: &'a str,
}

impl Writer<'_> {
    fn element_in(&mut self, parent: NodeId, name: (&str, &str), attributes: &[(&str, &str)]) -> NodeId {
        let (prefix, local) = name;
        let element = self.document.append_element(parent, Name { prefix, local, namespace: "" });
        for (name, value) in attributes {
            self.document.append_attribute(element, Name::local(name), value);
        }
        element
    }

    fn element(&mut self, parent: NodeId, name: &str, attributes: &[(&str, &str)]) -> NodeId {
        self.element_in(parent, ("", name), attributes)
    }

    fn schema(&mut self, parent: NodeId, namespace: &str) -> NodeId {
        let schema = self.element(parent, "Schema", &[("Namespace", namespace)]);
        self.document.append_namespace(schema, "", EDM);
        schema
    }

    /// What the server says of the rows of the first table that has it.
    fn system(&mut self, services: NodeId) {
        let tables = self.tables;
        let found = tables.iter().find_map(|table| {
            let group = table.nodes().iter().find_map(|it| match it {
                Node::Group { key, nodes } if key == SYSTEM => Some(nodes),
                _ => None,
            });
            group.map(|it| (*table, it))
        });
        let Some((table, nodes)) = found else { return };
        let namespace = self.system.to_owned();
        let schema = self.schema(services, &namespace);
        let group = self.element(schema, "ComplexType", &[("Name", "metadata")]);
        self.properties(group, table, nodes, "");
    }

    fn entity(&mut self, schema: NodeId, table: &Table) {
        let entity = self.element(schema, "EntityType", &[("Name", &table.name)]);
        let key = self.element(entity, "Key", &[]);
        self.element(key, "PropertyRef", &[("Name", ID)]);
        self.properties(entity, table, table.nodes(), &within(table));
    }

    /// Types of groups, those in others too. As deep as the form.
    fn groups(&mut self, schema: NodeId, table: &Table, nodes: &[Node], within: &str) {
        for node in nodes {
            if let Node::Group { key, nodes } = node
                && key != SYSTEM
            {
                let name = format!("{within}{key}");
                let group = self.element(schema, "ComplexType", &[("Name", &name)]);
                let inner = format!("{name}.");
                self.properties(group, table, nodes, &inner);
                self.groups(schema, table, nodes, &inner);
            }
        }
    }

    fn properties(&mut self, of: NodeId, table: &Table, nodes: &[Node], within: &str) {
        for node in nodes {
            match node {
                Node::Value { key, slot } => {
                    let kind = type_of(table.properties()[*slot].data_type);
                    self.element(of, "Property", &[("Name", key), ("Type", kind)]);
                }
                Node::Group { key, .. } => {
                    let kind = match key.as_str() {
                        SYSTEM => format!("{}.metadata", self.system),
                        _ => format!("{}.{within}{key}", self.own),
                    };
                    self.element(of, "Property", &[("Name", key), ("Type", &kind)]);
                }
                Node::Repeat { key, table } => {
                    let Some(below) = self.tables.get(*table) else { continue };
                    let kind = format!("Collection({}.{})", self.own, below.name);
                    self.element(of, "NavigationProperty", &[("Name", key), ("Type", &kind)]);
                }
            }
        }
    }

    fn container(&mut self, schema: NodeId, name: &str) {
        let container = self.element(schema, "EntityContainer", &[("Name", name)]);
        let tables = self.tables;
        for table in tables {
            let kind = format!("{}.{}", self.own, table.name);
            let set = self.element(container, "EntitySet", &[("Name", &table.name), ("EntityType", &kind)]);
            let conformance = format!("{CAPABILITIES}.ConformanceLevel");
            let minimal = format!("{CAPABILITIES}.ConformanceLevelType/Minimal");
            self.element(set, "Annotation", &[("Term", &conformance), ("EnumMember", &minimal)]);
            let batch = format!("{CAPABILITIES}.BatchSupported");
            self.element(set, "Annotation", &[("Term", &batch), ("Bool", "false")]);
            for (term, property) in [
                ("CountRestrictions", "Countable"),
                ("FilterRestrictions", "Filterable"),
                ("SortRestrictions", "Sortable"),
                ("ExpandRestrictions", "Expandable"),
                ("SearchRestrictions", "Searchable"),
            ] {
                let annotation =
                    self.element(set, "Annotation", &[("Term", &format!("{CAPABILITIES}.{term}"))]);
                let record = self.element(annotation, "Record", &[]);
                self.element(record, "PropertyValue", &[("Property", property), ("Bool", "true")]);
            }
        }
    }
}

/// Where the groups of a table are: types are named by the way from the record.
fn within(table: &Table) -> String {
    table.name.split_once('.').map_or(String::new(), |(_, rest)| format!("{rest}."))
}

fn type_of(data_type: DataType) -> &'static str {
    match data_type {
        DataType::Int => "Edm.Int64",
        DataType::Decimal => "Edm.Decimal",
        DataType::Boolean => "Edm.Boolean",
        DataType::Geopoint => "Edm.GeographyPoint",
        DataType::Geotrace => "Edm.GeographyLineString",
        DataType::Geoshape => "Edm.GeographyPolygon",
        DataType::Date => "Edm.Date",
        DataType::DateTime => "Edm.DateTimeOffset",
        _ => "Edm.String",
    }
}
