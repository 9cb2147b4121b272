// A Website becomes a ConfigMap with its page and a Deployment that serves it. The Website owns
// both, so they are restored when a user changes them and deleted with the Website. Its status
// contains the number of ready replicas.
#include "website.hpp"

namespace example {
namespace {

using namespace capstan;

Json Page(const WebsiteSpec& spec) {
  const std::string html = "<h1>" + spec.title + "</h1>\n" + spec.body.value_or("");
  return Json().Set("data", Json().Set("index.html", html));
}

Json Server(const WebsiteSpec& spec, const std::string& name, const std::string& page) {
  const Json labels = Json().Set("app", name);
  const Json container =
      Json()
          .Set("name", "server")
          .Set("image", "nginx:1.27")
          .Set("ports", Json().Append(Json().Set("containerPort", 80)))
          .Set("volumeMounts",
               Json().Append(Json().Set("name", "page").Set("mountPath", "/usr/share/nginx/html")));
  const Json volume = Json().Set("name", "page").Set("configMap", Json().Set("name", page));
  const Json pod =
      Json()
          .Set("metadata", Json().Set("labels", labels))
          .Set("spec",
               Json().Set("containers", Json().Append(container)).Set("volumes", Json().Append(volume)));
  return Json().Set("spec", Json()
                                .Set("replicas", spec.replicas)
                                .Set("selector", Json().Set("matchLabels", labels))
                                .Set("template", pod));
}

Status Publish(Turn<Website>& site) {
  const WebsiteSpec& spec = site->spec;
  const std::string page = site.name() + "-page";
  CAPSTAN_RETURN_IF_ERROR(site.Own(kube::ConfigMapKind(), page, Page(spec)));
  CAPSTAN_RETURN_IF_ERROR(site.Own(kube::DeploymentKind(), site.name(), Server(spec, site.name(), page)));

  CAPSTAN_TRY(const auto server, site.Find(kube::DeploymentKind(), site.key()));
  const std::int64_t ready = server ? server->IntegerAt("/status/readyReplicas").value_or(0) : 0;
  site.Set("page", page);
  site.Set("readyReplicas", ready);
  site.Condition("Ready", ready >= spec.replicas, ready >= spec.replicas ? "Serving" : "Starting",
                 StrCat(ready, " of ", spec.replicas, " replicas serve the page"));
  return {};
}

}  // namespace

void Configure(Operator& all) {
  all.For<Website>().Owns(kube::ConfigMapKind()).Owns(kube::DeploymentKind()).Reconcile(Publish);
}

}  // namespace example
