//! Drawings that stand for photos: plain scenes before and after the work, so that evidence is a real
//! picture that goes the whole way of one.

use std::io::Cursor;

use anyhow::Result;
use image::{ImageFormat, Rgb, RgbImage};
use serde::Deserialize;

use super::chance::Chance;

const WIDTH: u32 = 640;
const HEIGHT: u32 = 480;
const HORIZON: u32 = 300;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scene {
    Lamp,
    Road,
    Building,
    Litter,
    Tree,
    Field,
}

type Colour = [u8; 3];

/// The scene, with the trouble or with it gone, as a JPEG.
pub fn draw(scene: Scene, mended: bool, chance: &mut Chance) -> Result<Vec<u8>> {
    let mut canvas = Canvas(RgbImage::new(WIDTH, HEIGHT));
    match scene {
        Scene::Lamp => canvas.lamp(mended, chance),
        Scene::Road => canvas.road(mended, chance),
        Scene::Building => canvas.building(mended, chance),
        Scene::Litter => canvas.litter(mended, chance),
        Scene::Tree => canvas.tree(mended, chance),
        Scene::Field => canvas.field(mended, chance),
    }
    canvas.grain(chance);
    let mut bytes = Cursor::new(Vec::new());
    // Small, because each is taken apart and written anew on its way in, which is most of a build's work.
    image::imageops::thumbnail(&canvas.0, WIDTH / 8 * 5, HEIGHT / 8 * 5)
        .write_to(&mut bytes, ImageFormat::Jpeg)?;
    Ok(bytes.into_inner())
}

struct Canvas(RgbImage);

impl Canvas {
    fn lamp(&mut self, lit: bool, chance: &mut Chance) {
        self.sky([8, 10, 26], [30, 32, 58]);
        self.ground([38, 38, 42]);
        for _ in 0..40 {
            self.disc((chance.below(640) as i64, chance.below(240) as i64), 1, [200, 200, 210]);
        }
        self.windows(40 + chance.below(60) as u32, [24, 26, 40], 0.35, chance);
        let x = 360 + chance.below(120) as i64;
        if lit {
            self.glow((x - 60, 112), 210, [255, 214, 130]);
        }
        self.bar(x, 100, 10, 300, [96, 98, 104]);
        self.bar(x - 64, 100, 68, 8, [96, 98, 104]);
        let bulb = if lit { [255, 244, 200] } else { [52, 54, 60] };
        self.disc((x - 60, 112), 14, bulb);
    }

    fn road(&mut self, mended: bool, chance: &mut Chance) {
        self.sky([150, 182, 214], [214, 226, 236]);
        self.windows(80 + chance.below(80) as u32, [168, 158, 146], 0.1, chance);
        self.ground([98, 98, 100]);
        for mark in 0..6 {
            self.bar(mark * 120 + 20, 390, 64, 8, [226, 222, 210]);
        }
        let (x, y) = (240 + chance.below(160) as i64, 372 + chance.below(50) as i64);
        match mended {
            true => self.bar(x - 70, y - 30, 150, 60, [70, 70, 74]),
            false => {
                for part in 0..7 {
                    let edge = (x + part * 14 - 40, y + chance.below(24) as i64 - 12);
                    self.disc(edge, 24 + chance.below(14) as i64, [40, 36, 32]);
                }
            }
        }
    }

    fn building(&mut self, mended: bool, chance: &mut Chance) {
        self.sky([176, 196, 216], [224, 228, 232]);
        self.ground([150, 148, 144]);
        self.bar(120, 60, 400, 250, [190, 168, 140]);
        for row in 0..4 {
            for column in 0..6 {
                let warm = if mended { 0.8 } else { 0.2 };
                let glass = if chance.happens(warm) { [250, 226, 160] } else { [92, 108, 124] };
                self.bar(146 + column * 62, 80 + row * 56, 36, 36, glass);
            }
        }
        if !mended {
            self.bar(96 + chance.below(300) as i64, 300, 120, 60, [120, 70, 50]);
        }
    }

    fn litter(&mut self, mended: bool, chance: &mut Chance) {
        self.sky([188, 200, 210], [226, 228, 228]);
        self.ground([142, 138, 130]);
        for bin in 0..3 {
            self.bar(180 + bin * 90, 230, 66, 110, [52, 110, 76]);
            self.bar(174 + bin * 90, 220, 78, 14, [40, 84, 60]);
        }
        for _ in 0..if mended { 0 } else { 70 } {
            let at = (150 + chance.below(340) as i64, 330 + chance.below(90) as i64);
            let colour =
                *chance.pick(&[[230, 230, 226], [60, 90, 150], [180, 60, 50], [40, 40, 44], [210, 180, 90]]);
            self.disc(at, 6 + chance.below(16) as i64, colour);
        }
    }

    fn tree(&mut self, mended: bool, chance: &mut Chance) {
        self.sky([158, 190, 220], [220, 230, 236]);
        self.ground([122, 140, 92]);
        for x in [120, 520] {
            self.bar(x, 200, 18, 130, [94, 72, 52]);
            for _ in 0..24 {
                let at = (x + chance.below(110) as i64 - 50, 110 + chance.below(110) as i64);
                self.disc(at, 26, [64 + chance.below(40) as u8, 110, 52]);
            }
        }
        if !mended {
            self.bar(180, 360, 330, 20, [86, 64, 46]);
            for _ in 0..30 {
                self.disc((400 + chance.below(140) as i64, 320 + chance.below(90) as i64), 22, [88, 108, 52]);
            }
        }
    }

    fn field(&mut self, mended: bool, chance: &mut Chance) {
        self.sky([140, 180, 220], [222, 232, 238]);
        self.ground([168, 158, 96]);
        for furrow in 0..9 {
            self.bar(0, 316 + furrow * 20, 640, 4, [136, 124, 72]);
        }
        self.bar(270, 300, 100, 180, [182, 170, 148]);
        let across = 350 + chance.below(60) as i64;
        self.bar(262, across, 116, 44, if mended { [196, 190, 176] } else { [96, 112, 124] });
    }

    fn sky(&mut self, top: Colour, bottom: Colour) {
        for y in 0..HORIZON {
            let mix = |index: usize| {
                let (from, to) = (u32::from(top[index]), u32::from(bottom[index]));
                ((from * (HORIZON - y) + to * y) / HORIZON) as u8
            };
            self.bar(0, i64::from(y), i64::from(WIDTH), 1, [mix(0), mix(1), mix(2)]);
        }
    }

    fn ground(&mut self, colour: Colour) {
        self.bar(0, i64::from(HORIZON), i64::from(WIDTH), i64::from(HEIGHT - HORIZON), colour);
    }

    /// A row of houses on the horizon, some of whose windows are lit.
    fn windows(&mut self, first_height: u32, wall: Colour, lit: f64, chance: &mut Chance) {
        for house in 0..5 {
            let height = i64::from(first_height) + chance.below(90) as i64;
            let left = house * 136 - 10;
            self.bar(left, 300 - height, 124, height, wall);
            for window in 0..8 {
                let colour = if chance.happens(lit) { [232, 200, 120] } else { [60, 64, 76] };
                self.bar(left + 14 + window % 4 * 28, 312 - height + window / 4 * 32, 14, 18, colour);
            }
        }
    }

    fn glow(&mut self, centre: (i64, i64), radius: i64, colour: Colour) {
        self.each(centre.0 - radius, centre.1 - radius, radius * 2, radius * 2, |x, y, pixel| {
            let away = (x - centre.0).pow(2) + (y - centre.1).pow(2);
            let light = (radius * radius - away).max(0) * 160 / (radius * radius);
            for (part, full) in pixel.0.iter_mut().zip(colour) {
                *part = (i64::from(*part) + (i64::from(full) - i64::from(*part)).max(0) * light / 255) as u8;
            }
        });
    }

    fn disc(&mut self, centre: (i64, i64), radius: i64, colour: Colour) {
        self.each(centre.0 - radius, centre.1 - radius, radius * 2 + 1, radius * 2 + 1, |x, y, pixel| {
            if (x - centre.0).pow(2) + (y - centre.1).pow(2) <= radius * radius {
                pixel.0 = colour;
            }
        });
    }

    fn bar(&mut self, left: i64, top: i64, width: i64, height: i64, colour: Colour) {
        self.each(left, top, width, height, |_, _, pixel| pixel.0 = colour);
    }

    fn grain(&mut self, chance: &mut Chance) {
        let mut word = 0;
        for (index, pixel) in self.0.pixels_mut().enumerate() {
            if index % 16 == 0 {
                word = chance.word();
            }
            let shift = (word >> (index % 16 * 4) & 0xf) as i16 - 8;
            pixel.0 = pixel.0.map(|part| (i16::from(part) + shift).clamp(0, 255) as u8);
        }
    }

    /// The pixels of a rectangle that are on the canvas.
    fn each(
        &mut self,
        left: i64,
        top: i64,
        width: i64,
        height: i64,
        mut paint: impl FnMut(i64, i64, &mut Rgb<u8>),
    ) {
        let (right, bottom) = ((left + width).min(i64::from(WIDTH)), (top + height).min(i64::from(HEIGHT)));
        for y in top.max(0)..bottom {
            for x in left.max(0)..right {
                paint(x, y, self.0.get_pixel_mut(x as u32, y as u32));
            }
        }
    }
}
