//! OKLab, where distances are as large as they look (Ottosson 2020).

/// Lightness 0 to 1, green to red, blue to yellow.
pub(super) type Lab = [f32; 3];

pub(super) fn of(colour: [u8; 3]) -> Lab {
    of_fraction(colour.map(|channel| f32::from(channel) / 255.0))
}

/// Of channels from 0 to 1.
pub(super) fn of_fraction(colour: [f32; 3]) -> Lab {
    let [red, green, blue] = colour.map(linear);
    let long = (0.412_221_46 * red + 0.536_332_55 * green + 0.051_445_995 * blue).cbrt();
    let medium = (0.211_903_5 * red + 0.680_699_5 * green + 0.107_396_96 * blue).cbrt();
    let short = (0.088_302_46 * red + 0.281_718_85 * green + 0.629_978_7 * blue).cbrt();
    [
        0.210_454_26 * long + 0.793_617_8 * medium - 0.004_072_047 * short,
        1.977_998_5 * long - 2.428_592_2 * medium + 0.450_593_7 * short,
        0.025_904_037 * long + 0.782_771_77 * medium - 0.808_675_77 * short,
    ]
}

/// Around the circle from red, 0 to 1; what has no hue stands before, by lightness.
pub(super) fn hue(colour: [u8; 3]) -> f32 {
    const GREY: f32 = 0.02;
    let [lightness, a, b] = of(colour);
    match a.hypot(b) < GREY {
        true => lightness - 2.0,
        false => b.atan2(a).rem_euclid(std::f32::consts::TAU),
    }
}

/// Light as it adds up, 0 to 1.
pub(super) fn linear(channel: f32) -> f32 {
    if channel <= 0.040_45 { channel / 12.92 } else { ((channel + 0.055) / 1.055).powf(2.4) }
}

/// Whether black is easier to read on a colour than white, after WCAG's contrast.
pub(super) fn takes_black(colour: [u8; 3]) -> bool {
    let [red, green, blue] = colour.map(|channel| linear(f32::from(channel) / 255.0));
    0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179
}
