//! Shapes as geozero hands them over, coordinate by coordinate.

use anyhow::{Context, bail};
use geozero::{GeomProcessor, GeozeroGeometry, error::GeozeroError};
use gridplan::plane::Node;

use super::feature::{Geometry, node};

/// Puts a geometry together.
#[derive(Default)]
struct Shape {
    kind: Option<Kind>,
    parts: Vec<Vec<Node>>,
    /// Why a coordinate or a kind of geometry is not taken.
    fault: Option<anyhow::Error>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Points,
    Lines,
    Rings,
}

pub fn geometry(source: &impl GeozeroGeometry) -> anyhow::Result<Geometry> {
    let mut shape = Shape::default();
    let processed = source.process_geom(&mut shape);
    if let Some(fault) = shape.fault {
        return Err(fault);
    }
    processed.context("its geometry cannot be read")?;
    match shape.kind {
        Some(Kind::Points) => Ok(Geometry::Points(shape.parts.into_iter().flatten().collect())),
        Some(Kind::Lines) => Ok(Geometry::Lines(shape.parts)),
        Some(Kind::Rings) => Ok(Geometry::Rings(shape.parts)),
        None => bail!("it has no geometry"),
    }
}

type Done = geozero::error::Result<()>;

impl Shape {
    fn begin(&mut self, kind: Kind) -> Done {
        // What is a part of something larger has its kind already.
        self.kind.get_or_insert(kind);
        Ok(())
    }

    fn refuse(&mut self, what: &str) -> Done {
        self.fail(anyhow::anyhow!("a {what} is no point, line or area"))
    }

    fn fail(&mut self, fault: anyhow::Error) -> Done {
        let told = GeozeroError::Geometry(fault.to_string());
        self.fault.get_or_insert(fault);
        Err(told)
    }
}

impl GeomProcessor for Shape {
    fn xy(&mut self, x: f64, y: f64, _: usize) -> Done {
        match node(x, y) {
            Ok(node) => {
                if let Some(part) = self.parts.last_mut() {
                    part.push(node);
                }
                Ok(())
            }
            Err(fault) => self.fail(fault),
        }
    }

    fn point_begin(&mut self, _: usize) -> Done {
        self.parts.push(Vec::new());
        self.begin(Kind::Points)
    }

    fn multipoint_begin(&mut self, _: usize, _: usize) -> Done {
        self.parts.push(Vec::new());
        self.begin(Kind::Points)
    }

    fn linestring_begin(&mut self, _: bool, _: usize, _: usize) -> Done {
        self.parts.push(Vec::new());
        self.begin(Kind::Lines)
    }

    fn polygon_begin(&mut self, _: bool, _: usize, _: usize) -> Done {
        self.begin(Kind::Rings)
    }

    fn geometrycollection_begin(&mut self, _: usize, _: usize) -> Done {
        self.refuse("GeometryCollection")
    }

    fn circularstring_begin(&mut self, _: usize, _: usize) -> Done {
        self.refuse("CircularString")
    }

    fn compoundcurve_begin(&mut self, _: usize, _: usize) -> Done {
        self.refuse("CompoundCurve")
    }

    fn curvepolygon_begin(&mut self, _: usize, _: usize) -> Done {
        self.refuse("CurvePolygon")
    }

    fn multicurve_begin(&mut self, _: usize, _: usize) -> Done {
        self.refuse("MultiCurve")
    }

    fn multisurface_begin(&mut self, _: usize, _: usize) -> Done {
        self.refuse("MultiSurface")
    }

    fn triangle_begin(&mut self, _: bool, _: usize, _: usize) -> Done {
        self.refuse("Triangle")
    }

    fn polyhedralsurface_begin(&mut self, _: usize, _: usize) -> Done {
        self.refuse("PolyhedralSurface")
    }

    fn tin_begin(&mut self, _: usize, _: usize) -> Done {
        self.refuse("TIN")
    }
}
