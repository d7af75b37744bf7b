// Addresses are relative to the page, so that it works behind any port that is forwarded and below any path of a proxy.
document.addEventListener("DOMContentLoaded", () => {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const folder = location.pathname.replace(/[^/]*$/, "");
  document.getElementById("terminal").dataset.sessionWebsocketUrl = `${scheme}//${location.host}${folder}ws`;

  // textual.js would open what it is to download at the server's root, in another tab; ours lies below the token.
  window.open = (address) => {
    const key = new URL(address, location.href).pathname.match(/^\/download\/(\w+)$/)?.[1];
    if (key) {
      const link = document.createElement("a");
      link.href = `download/${key}`;
      link.download = "";
      link.click();
    }
    return null;
  };

  // Keys go to the explorer from the first frame on, and again whenever the page is come back to.
  const focus = () => document.querySelector(".xterm-helper-textarea")?.focus();
  new MutationObserver(focus).observe(document.body, { attributes: true, attributeFilter: ["class"] });
  window.addEventListener("focus", focus);
  document.querySelector("#ended button").addEventListener("click", () => location.reload());
});
