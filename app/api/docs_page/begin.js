"use strict";

// Relative, so that the page works below any path of a proxy. No validator: it is another host.
SwaggerUIBundle({
    url: "openapi.json",
    dom_id: "#swagger-ui",
    deepLinking: true,
    showCommonExtensions: true,
    validatorUrl: null,
});
