//! Photos: what is kept of them, and what is not taken.

use std::{sync::atomic::Ordering, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::{Method, StatusCode, header},
};
use serde_json::json;
use store::{Db, both};
use tokio_stream::StreamExt;

use crate::support::{FORM_WITH_PHOTOS, Town, counted, form_with, jpeg, lamp};

const CANARY: &[u8] = b"CANARY 41.0341N 113.1146E";

/// A JPEG with an Exif segment: a GPS directory and a device's name.
fn with_position() -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08".to_vec();
    exif.extend(b"\0\x01\x88\x25\0\x04\0\0\0\x01\0\0\0\x1a\0\0\0\0"); // one entry: GPSInfo at 26
    exif.extend(b"\0\x01\0\x01\0\x02\0\0\0\x02N\0\0\0\0\0\0\0"); // GPSLatitudeRef
    exif.extend(CANARY);
    let plain = jpeg(64, 48);
    let mut bytes = plain[..2].to_vec();
    bytes.extend([0xff, 0xe1]);
    bytes.extend((exif.len() as u16 + 2).to_be_bytes());
    bytes.extend(exif);
    bytes.extend(&plain[2..]);
    bytes
}

/// A small file that says of itself that it has 65,535 times 65,535 pixels.
fn bomb() -> Vec<u8> {
    let mut bytes = jpeg(8, 8);
    let frame =
        bytes.windows(2).position(|it| it == [0xff, 0xc0] || it == [0xff, 0xc2]).expect("a frame header");
    bytes[frame + 5..frame + 9].fill(0xff);
    bytes
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|it| it == part)
}

both!(a_photo_comes_back_without_where_and_with_what_it_was_taken, |db: Db| {
    let town = Town::new(db);
    let nobody = town.anonymous();
    let sent = with_position();
    assert!(holds(&sent, CANARY) && holds(&sent, b"Exif"), "the control: it is in what is sent");
    let reported = nobody.post_with("/api/v1/cases", &lamp(1), &[sent]).of(201);
    let (case, token) = (reported["id"].as_str().unwrap(), reported["follow_token"].as_str().unwrap());
    let record = nobody.get(&format!("/api/v1/cases/{case}?follow={token}")).of(200);
    assert_eq!(
        (record["photos"][0]["width"].as_i64(), record["photos"][0]["height"].as_i64()),
        (Some(64), Some(48))
    );
    let photo = format!("/api/v1/cases/{case}/photos/{}", record["photos"][0]["id"].as_str().unwrap());
    let picture = nobody.get(&format!("{photo}?follow={token}"));
    assert_eq!((picture.status.as_u16(), picture.header("content-type")), (200, "image/jpeg"));
    assert!(
        picture.bytes.starts_with(&[0xff, 0xd8])
            && !holds(&picture.bytes, CANARY)
            && !holds(&picture.bytes, b"Exif")
    );
    assert_eq!(picture.header("x-content-type-options"), "nosniff");
    assert_eq!(nobody.get(&photo).of(404)["type"], "not-found");
    assert_eq!(town.user("other").get(&photo).of(404)["type"], "not-found");
});

both!(what_is_no_photo_is_refused_and_no_case_is_made, |db: Db| {
    let town = Town::new(db);
    let resident = town.user("resident");
    let too_large = [jpeg(8, 8), vec![0; 10 * 1024 * 1024]].concat();
    let gif = b"GIF89a\x01\0\x01\0\0\0\0;".to_vec();
    let cut = jpeg(640, 480)[..400].to_vec();
    for (name, file) in [
        ("a page", b"<script>alert(1)</script>".to_vec()),
        ("a GIF", gif),
        ("a bomb", bomb()),
        ("half a photo", cut),
        ("too large", too_large),
    ] {
        let answer = resident.post_with("/api/v1/cases", &lamp(1), &[file]);
        assert_eq!(answer.status.as_u16(), 422, "{name}: {}", answer.text());
        assert_eq!(answer.fields(422), ["photos"], "{name}");
    }
    let seven = vec![jpeg(8, 8); 7];
    assert_eq!(resident.post_with("/api/v1/cases", &lamp(1), &seven).fields(422), ["photos"]);
    assert_eq!(resident.get("/api/v1/cases?mine=true").of(200)["items"], json!([]));
});

/// Sends a report with a photo in as many pieces, one in ten seconds of a clock that the test turns.
fn send_slowly(town: &Town, path: &str, pieces: usize) -> (StatusCode, String) {
    let mut photo = jpeg(640, 480);
    photo.resize(4 * 1024 * 1024, 0);
    let form = form_with(&lamp(1), &[photo]);
    let pieces: Vec<_> = form.chunks(form.len().div_ceil(pieces)).map(Bytes::copy_from_slice).collect();
    let body = tokio_stream::iter(pieces).then(async |piece| {
        tokio::time::sleep(Duration::from_secs(10)).await;
        Ok::<_, std::io::Error>(piece)
    });
    let request = town.user("resident").request(Method::POST, path);
    let request =
        request.header(header::CONTENT_TYPE, FORM_WITH_PHOTOS).body(Body::from_stream(body)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.unwrap().block_on(async {
        let (parts, body) = town.open(request).await.into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        (parts.status, String::from_utf8_lossy(&bytes).into_owned())
    })
}

both!(a_photo_may_take_minutes_and_is_not_waited_for_without_end, |db: Db| {
    let town = Town::new(db);
    let (status, told) = send_slowly(&town, "/api/v1/cases", 18);
    assert_eq!(status.as_u16(), 201, "three minutes: {told}");
    let key = format!("api_key={}", crate::open311::key(&town));
    for (path, told_as) in [
        ("/api/v1/cases", "\"type\":\"slow\""),
        ("/report", "It came in too slowly"),
        (
            &format!("/open311/v2/requests.json?{key}"),
            "[{\"code\":\"408\",\"description\":\"What you sent did not arrive whole",
        ),
        (&format!("/open311/v2/requests.xml?{key}"), "<errors><error><code>408</code>"),
    ] {
        let (status, told) = send_slowly(&town, path, 70);
        assert_eq!(status.as_u16(), 408, "{path}: {told}");
        assert!(told.contains(told_as), "{path}: {told}");
    }
});

both!(whoever_has_sent_too_often_without_a_session_is_told_before_photos_are_read, |db: Db| {
    let town = Town::new(db);
    let send = |token: Option<String>, path: &str| {
        let beginning = format!(
            "--knot\r\nContent-Disposition: form-data; name=\"case\"\r\n\r\n{}\r\n\
            --knot\r\nContent-Disposition: form-data; name=\"photos\"; filename=\"a.jpg\"\r\n\r\n",
            lamp(1)
        );
        let (body, read) = counted(beginning.into_bytes(), 12);
        let user = crate::support::User { town: &town, token };
        let answer = user.send_text(Method::POST, path, FORM_WITH_PHOTOS, body);
        (answer.status.as_u16(), read.load(Ordering::SeqCst))
    };
    let paths = ["/api/v1/cases", "/report"];
    assert_eq!(
        send(None, paths[0]),
        (422, 12),
        "the control: more than a photo may have is read and refused"
    );
    while send(None, paths[0]).0 != 429 {}
    for path in paths {
        assert_eq!(send(None, path), (429, 0), "{path}");
        let (status, read) = send(Some(town.token("resident")), path);
        assert!(status == 422 && read == 12, "{path}: {status}, who is signed in is not slowed");
    }
    assert_eq!(send(Some("made up".into()), "/api/v1/cases"), (401, 0));
    assert_eq!(send(Some("made up".into()), "/report"), (429, 0), "to a page it is no session");
});
