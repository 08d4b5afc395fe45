// The tables of the charts as files: links that download them, and buttons that copy LaTeX.
const TYPES = { csv: "text/csv", tex: "application/x-tex" };

async function offerFiles() {
  const files = await inflate("chart-files");
  for (const link of document.querySelectorAll("a[download]")) {
    const type = `${TYPES[link.download.split(".").pop()]};charset=utf-8`;
    link.href = URL.createObjectURL(new Blob([files[link.download]], { type }));
  }
  for (const button of document.querySelectorAll("[data-copy]")) {
    const status = button.parentElement.querySelector("[role=status]");
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(files[button.dataset.copy]);
        status.textContent = "copied";
      } catch {
        status.textContent = "the browser refused: download the file";
      }
    });
  }
}
const offered = offerFiles();
