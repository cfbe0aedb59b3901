// A table that goes on to the right says so, until its end is in sight.
for (const wide of document.querySelectorAll(".wide")) {
  const look = () => wide.parentElement.classList.toggle("goes-on", wide.scrollWidth - wide.clientWidth - wide.scrollLeft > 2);
  wide.addEventListener("scroll", look, { passive: true });
  new ResizeObserver(look).observe(wide);
}
