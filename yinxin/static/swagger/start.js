// Shows the API description of this service.
window.SwaggerUIBundle({ url: "/openapi.json", dom_id: "#api", deepLinking: true });
