//! Pixels to files.

/// What a picture is sent as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Png,
    /// Smaller and less exact: for a first look.
    Jpeg,
}

impl Format {
    pub(super) const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
        }
    }

    /// A file of 8-bit sRGB triples, row by row.
    pub(super) fn encode(self, pixels: &[u8], size: (u32, u32)) -> std::io::Result<Vec<u8>> {
        match self {
            Self::Png => png(pixels, size),
            Self::Jpeg => jpeg(pixels, size),
        }
    }
}

fn png(pixels: &[u8], (columns, rows): (u32, u32)) -> std::io::Result<Vec<u8>> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, columns, rows);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Fast);
    encoder.set_source_srgb(png::SrgbRenderingIntent::Perceptual);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(file)
}

fn jpeg(pixels: &[u8], (columns, rows): (u32, u32)) -> std::io::Result<Vec<u8>> {
    let mut file = Vec::new();
    let side = |side| u16::try_from(side).map_err(std::io::Error::other);
    let (columns, rows) = (side(columns)?, side(rows)?);
    let encoder = jpeg_encoder::Encoder::new(&mut file, 72);
    let written = encoder.encode(pixels, columns, rows, jpeg_encoder::ColorType::Rgb);
    written.map_err(std::io::Error::other)?;
    Ok(file)
}
