// Swagger UI over the service's own description; all of it is served from here.
SwaggerUIBundle({ url: "openapi.json", dom_id: "#api", validatorUrl: null, deepLinking: true, tryItOutEnabled: true });
