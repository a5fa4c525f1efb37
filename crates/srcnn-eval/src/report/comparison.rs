//! The report of `srcnn compare`.

use serde::Serialize;
use srcnn::metrics::Scores;

use super::figures::Figures;
use super::format::{Format, decibels, json, quoted, table};

/// The report of `srcnn compare`.
#[derive(Clone, Debug, Serialize)]
pub struct ComparisonReport {
    /// Name of the protocol.
    pub protocol: &'static str,
    /// Description of the protocol.
    #[serde(skip)]
    pub description: String,
    /// One entry for each pair.
    pub images: Vec<ComparedImage>,
    /// Means over all pairs; none without pairs.
    pub mean: Option<Figures>,
}

/// One pair of a [`ComparisonReport`].
#[derive(Clone, Debug, Serialize)]
pub struct ComparedImage {
    /// Name of the reference's file.
    pub name: String,
    /// Figures of the pair.
    #[serde(flatten)]
    pub figures: Figures,
}

impl ComparisonReport {
    /// A report of pairs: name and scores of each.
    pub fn new(protocol: &'static str, description: String, scores: &[(String, Scores)]) -> Self {
        let all: Vec<Scores> = scores.iter().map(|(_, s)| *s).collect();
        let images = scores.iter().map(|(name, s)| ComparedImage { name: name.clone(), figures: (*s).into() });
        Self { protocol, description, images: images.collect(), mean: Scores::mean(&all).map(Figures::from) }
    }

    /// Writes the report, with a final newline.
    pub fn render(&self, format: Format) -> String {
        let mean = self.mean.iter().map(|f| ("mean", f));
        let lines = self.images.iter().map(|i| (i.name.as_str(), &i.figures)).chain(mean);
        match format {
            Format::Json => json(self),
            Format::Text | Format::Markdown => {
                let row = |(name, f): (&str, &Figures)| {
                    vec![name.to_owned(), decibels(f.psnr), format!("{:.3}", f.mse), format!("{:.4}", f.ssim)]
                };
                let rows: Vec<_> = lines.map(row).collect();
                let title = format!("protocol {} ({})", self.protocol, self.description);
                format!("{title}\n\n{}", table(&["picture", "PSNR dB", "MSE", "SSIM"], &rows, format))
            }
            Format::Csv => {
                let line = |(name, f): (&str, &Figures)| format!("{},{},{},{}\n", quoted(name), f.psnr, f.mse, f.ssim);
                "name,psnr,mse,ssim\n".to_owned() + &lines.map(line).collect::<String>()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comparison() -> ComparisonReport {
        let scores = |psnr| Scores { psnr, mse: 1.5, ssim: 0.25 };
        let pairs = [("a,b.png".to_owned(), scores(30.0)), ("c.png".to_owned(), scores(f64::INFINITY))];
        ComparisonReport::new("keras", "RGB, border 0".to_owned(), &pairs)
    }

    #[test]
    fn json_has_the_promised_names_and_inf_is_a_string() {
        let expected = r#"{"protocol":"keras","images":[{"name":"a,b.png","psnr":30.0,"mse":1.5,"ssim":0.25},"#
            .to_owned()
            + r#"{"name":"c.png","psnr":"inf","mse":1.5,"ssim":0.25}],"mean":{"psnr":"inf","mse":1.5,"ssim":0.25}}"#
            + "\n";
        assert_eq!(comparison().render(Format::Json), expected);
    }

    #[test]
    fn tables_are_aligned_and_csv_is_quoted() {
        let text = comparison().render(Format::Text);
        assert!(text.starts_with("protocol keras (RGB, border 0)\n\npicture  PSNR dB"), "{text}");
        assert!(text.contains("\nc.png        inf  1.500  0.2500\n"), "{text}");
        let markdown = comparison().render(Format::Markdown);
        assert!(markdown.contains("| ------- | ------: | ----: | -----: |"), "{markdown}");
        let csv = comparison().render(Format::Csv);
        assert!(csv.starts_with("name,psnr,mse,ssim\n\"a,b.png\",30,1.5,0.25\n"), "{csv}");
    }
}
