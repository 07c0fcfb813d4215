// Says which file was picked; without script the form works all the same.
for (const pick of document.querySelectorAll(".pick")) {
  const input = pick.querySelector("input");
  const output = pick.querySelector("output");
  input.addEventListener("change", () => {
    output.textContent = input.files.length ? input.files[0].name : "";
  });
}
