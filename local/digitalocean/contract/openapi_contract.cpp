#include <capstan/core/base/text.hpp>
#include <capstan/local/digitalocean/contract/openapi_contract.hpp>
#include <capstan/local/digitalocean/contract/schema_check.hpp>
#include <set>
#include <utility>

namespace capstan::simulated_digitalocean {
namespace {

// The best matching template: the one with the fewest {parameters}, so that a literal takes
// precedence.
std::string FindTemplate(const json::ObjectPtr& paths, std::string_view path) {
  const std::vector<std::string> parts = Split(path, '/');
  std::string best;
  std::size_t fewest = parts.size() + 1;
  for (const auto& entry : *paths) {
    const std::vector<std::string> pattern = Split(entry.first, '/');
    if (pattern.size() != parts.size()) continue;
    std::size_t parameters = 0;
    bool fits = true;
    for (std::size_t i = 0; i < parts.size() && fits; ++i) {
      const bool parameter = !pattern[i].empty() && pattern[i].front() == '{';
      parameters += parameter;
      fits = parameter ? !parts[i].empty() : pattern[i] == parts[i];
    }
    if (fits && parameters < fewest) {
      fewest = parameters;
      best = entry.first;
    }
  }
  return best;
}

std::string MediaType(const http::Headers& headers) {
  const std::string_view value = headers.Get("Content-Type").value_or("");
  return ToLower(Trim(value.substr(0, value.find(';'))));
}

// Partial updates, and nulls for unset fields: see KnownContradictions.
SchemaLeniency LeniencyFor(const http::Request& request) { return {request.method == "PUT", true}; }

}  // namespace

const std::vector<KnownContradiction>& KnownContradictions() {
  static const std::vector<KnownContradiction> kKnown = {
      {"PUT bodies without `name` or `count`",
       "the document requires them, its description mentions one or more attributes, and every client sends "
       "partial bodies"},
      {"null in request bodies",
       "DigitalOcean's Go client sends null for lists and blocks that it does not set"},
      {"GET /v2/kubernetes/clusters/{cluster_id}/node_pools_template/{name}",
       "the document does not have it; the Go client and the cluster autoscaler use it"},
      {"statuses that an operation does not list",
       "403 and 422 were seen; they and all others have the form of `default`"},
      {"expander least-waste",
       "the document says least_waste, clients write least-waste; requests may have either"},
      {"fields nvidia_gpu_dra_driver, amd_gpu_dra_driver, gpu_partition_mode",
       "the document does not have them; the Go client sends and reads them"},
      {"taints with Key, Value and Effect",
       "the Go client writes them so; the document has them in lower case"},
      {"query page and per_page of node_pools", "doctl sends them; the document has no pages there"}};
  return kKnown;
}

namespace {

const std::set<std::string>& FieldsOfClients() {
  static const std::set<std::string> kFields = {
      "nvidia_gpu_dra_driver", "amd_gpu_dra_driver", "gpu_partition_mode", "Key", "Value", "Effect"};
  return kFields;
}

// Finds query parameters that neither the operation nor its path declares.
void CheckQuery(const json::ObjectPtr& document, const json::ObjectPtr& path,
                const json::ObjectPtr& operation, const std::string& url, const std::string& name,
                std::vector<std::string>& violations) {
  std::set<std::string> known;
  for (const json::ObjectPtr& place : {path, operation}) {
    json::ArrayPtr parameters = json::ArrayIn(place, "parameters");
    for (unsigned i = 0; parameters && i < parameters->size(); ++i) {
      json::ObjectPtr parameter = Resolve(document, json::AsObject(parameters->get(i)));
      if (json::StringIn(parameter, "in") == "query")
        known.insert(json::StringIn(parameter, "name").value_or(""));
    }
  }
  const std::size_t mark = url.find('?');
  if (mark == std::string::npos) return;
  const bool pools = name.size() > 10 && name.substr(name.size() - 10) == "node_pools";
  for (const std::string& pair : Split(url.substr(mark + 1), '&')) {
    const std::string key = pair.substr(0, pair.find('='));
    if (known.count(key) || (pools && (key == "page" || key == "per_page"))) continue;
    violations.push_back(StrCat(name, " request: the document has no query parameter ", key));
  }
}

}  // namespace

struct OpenApiContract::State {
  json::ObjectPtr document;
  json::ObjectPtr paths;

  struct Found {
    std::string path;  // of the URL
    // "GET /v2/kubernetes/clusters/{cluster_id}"; empty when the document has no such operation.
    std::string name;
    json::ObjectPtr operation;  // null when there is none
    json::ObjectPtr item;       // the path item with all operations of the path
  };
  Found Find(const http::Request& request) const {
    const auto url = http::ParseUrl(request.url);
    Found found;
    found.path = url ? std::string(url->path()) : "";
    const std::string path = FindTemplate(paths, found.path);
    if (path.empty()) return found;
    found.item = json::ObjectIn(paths, path);
    found.operation = json::ObjectIn(found.item, ToLower(request.method));
    if (found.operation) found.name = StrCat(request.method, " ", path);
    return found;
  }
};

OpenApiContract::OpenApiContract(std::unique_ptr<State> state) : state_(std::move(state)) {}
OpenApiContract::~OpenApiContract() = default;

Result<std::unique_ptr<OpenApiContract>> OpenApiContract::Parse(const std::string& document) {
  CAPSTAN_TRY(json::ObjectPtr parsed, json::ParseObject(document));
  auto state = std::make_unique<State>();
  state->document = parsed;
  state->paths = json::ObjectIn(parsed, "paths");
  if (!state->paths) return Fail(Code::kInvalidArgument, "the OpenAPI document has no paths");
  return std::unique_ptr<OpenApiContract>(new OpenApiContract(std::move(state)));
}

std::vector<std::string> OpenApiContract::CheckRequest(const http::Request& request) const {
  std::vector<std::string> violations;
  const State::Found found = state_->Find(request);
  if (found.path.rfind("/v2/", 0) != 0) return violations;
  if (!found.operation) {
    if (found.path.find("/node_pools_template/") == std::string::npos)
      violations.push_back(StrCat(request.method, " ", found.path, ": the document has no such operation"));
    return violations;
  }
  CheckQuery(state_->document, found.item, found.operation, request.url, found.name, violations);
  json::ObjectPtr body = Resolve(state_->document, json::ObjectIn(found.operation, "requestBody"));
  if (!body) {
    if (!request.body.empty()) violations.push_back(found.name + ": takes no body");
    return violations;
  }
  if (request.body.empty()) {
    if (json::BooleanIn(body, "required").value_or(false))
      violations.push_back(found.name + ": needs a body");
    return violations;
  }
  json::ObjectPtr media = json::ObjectIn(json::ObjectIn(body, "content"), MediaType(request.headers));
  if (!media) return {StrCat(found.name, ": the body's type ", MediaType(request.headers), " is not listed")};
  std::string text = request.body;
  for (std::size_t at; (at = text.find("least-waste")) != std::string::npos;) text[at + 5] = '_';
  const auto value = json::ParseTree(text);
  if (!value) return {StrCat(found.name, ": the body is not JSON")};
  std::vector<std::string> inside;
  json::ObjectPtr schema = json::ObjectIn(media, "schema");
  CheckSchema(state_->document, schema, *value, "", LeniencyFor(request), inside);
  CheckKnownFields(state_->document, schema, *value, FieldsOfClients(), inside);
  for (const std::string& one : inside) violations.push_back(StrCat(found.name, " request: ", one));
  return violations;
}

std::vector<std::string> OpenApiContract::CheckResponse(const http::Request& request,
                                                        const http::Response& response) const {
  const State::Found found = state_->Find(request);
  if (found.path.rfind("/v2/", 0) != 0 || !found.operation) return {};
  const std::string what = StrCat(found.name, " ", response.status, ": ");
  json::ObjectPtr responses = json::ObjectIn(found.operation, "responses");
  json::ObjectPtr listed = json::ObjectIn(responses, std::to_string(response.status));
  if (!listed && response.status >= 400) listed = json::ObjectIn(responses, "default");
  listed = Resolve(state_->document, listed);
  if (!listed) return {what + "the document does not list this status"};
  std::vector<std::string> violations;
  if (json::ObjectPtr headers = json::ObjectIn(listed, "headers"))
    for (const auto& header : *headers)
      if (!response.headers.Get(header.first))
        violations.push_back(StrCat(what, "lacks the header ", header.first));
  json::ObjectPtr content = json::ObjectIn(listed, "content");
  if (!content) {
    if (!response.body.empty()) violations.push_back(what + "has a body");
    return violations;
  }
  json::ObjectPtr media = json::ObjectIn(content, MediaType(response.headers));
  if (!media) {
    violations.push_back(StrCat(what, "the body's type ", MediaType(response.headers), " is not listed"));
    return violations;
  }
  json::ObjectPtr schema = json::ObjectIn(media, "schema");
  if (!schema) return violations;
  const auto value = json::ParseTree(response.body);
  if (!value) {
    violations.push_back(what + "the body is not JSON");
    return violations;
  }
  std::vector<std::string> inside;
  CheckSchema(state_->document, schema, *value, "", {}, inside);
  CheckKnownFields(state_->document, schema, *value, FieldsOfClients(), inside);
  for (const std::string& one : inside) violations.push_back(what + one);
  return violations;
}

namespace {

// Records the answer and passes it on.
class WatchingWriter final : public http::ResponseWriter {
 public:
  explicit WatchingWriter(http::ResponseWriter& inner) : inner_(inner) {}
  Status Respond(const http::Response& answer) override {
    response = answer;
    complete = true;
    return inner_.Respond(answer);
  }
  Status Begin(int status, const http::Headers& headers) override { return inner_.Begin(status, headers); }
  Status Write(std::string_view bytes) override { return inner_.Write(bytes); }
  void Abort() override { inner_.Abort(); }
  bool ClientGone() override { return inner_.ClientGone(); }

  http::Response response;
  bool complete = false;  // streams are not checked

 private:
  http::ResponseWriter& inner_;
};

// Covers everything that the two checks read. Of the answer's headers they read the names, and the
// value of one.
std::size_t HashOf(const http::Request& request, const http::Response& response) {
  std::string all = StrCat(request.method, " ", request.url, " ", MediaType(request.headers), "\n",
                           request.body, "\n", response.status, " ", MediaType(response.headers), "\n");
  for (const auto& [name, value] : response.headers.fields()) all += StrCat(name, "\n");
  all += response.body;
  return std::hash<std::string>()(all);
}

}  // namespace

ContractHandler::ContractHandler(const OpenApiContract& contract, http::Handler& inner, Report report)
    : contract_(contract), inner_(inner), report_(std::move(report)) {}

std::vector<std::string> ContractHandler::Violations(const http::Request& request,
                                                     const http::Response& response) const {
  std::vector<std::string> violations = contract_.CheckResponse(request, response);
  if (response.status == 400 || response.status == 422) return violations;
  for (std::string& one : contract_.CheckRequest(request)) violations.push_back(std::move(one));
  return violations;
}

void ContractHandler::Handle(const http::Request& request, http::ResponseWriter& writer,
                             const Context& context) {
  WatchingWriter watching(writer);
  inner_.Handle(request, watching, context);
  if (!watching.complete) return;
  const std::size_t exchange = HashOf(request, watching.response);
  {
    MutexLock lock(mutex_);
    if (fitting_.count(exchange) != 0) return;
  }
  const auto violations = Violations(request, watching.response);
  for (const std::string& violation : violations) report_(violation);
  if (!violations.empty()) return;
  MutexLock lock(mutex_);
  fitting_.insert(exchange);
}

}  // namespace capstan::simulated_digitalocean
