#include <capstan/tests/scale/sampled_contract.hpp>

#include <algorithm>
#include <cctype>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::scale {
namespace {

bool HasDigit(const std::string& text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

std::string Fields(const json::Tree& value) {
  if (const auto object = json::AsObject(value)) {
    std::vector<std::string> fields;
    for (const auto& [name, inner] : *object) {
      const std::string below = Fields(inner);
      fields.push_back(below.empty() ? name : StrCat(name, ":", below));
    }
    return StrCat("{", Join(fields, ","), "}");
  }
  const auto array = json::AsArray(value);
  if (!array) return "";
  std::set<std::string> items;
  for (const auto& item : *array) items.insert(Fields(item));
  return StrCat("[", Join(std::vector<std::string>(items.begin(), items.end()), "|"), "]");
}

}  // namespace

std::string ShapeOf(const http::Request& request) {
  const std::string target = request.url.substr(std::min(request.url.find("/v2"), request.url.size()));
  const std::size_t mark = std::min(target.find('?'), target.size());
  const std::string id(1, '#');
  std::vector<std::string> parts = Split(target.substr(0, mark), '/');
  for (auto& part : parts) {
    if (HasDigit(part)) part = id;
  }
  std::string shape = StrCat(request.method, " ", Join(parts, "/"));
  if (mark < target.size()) {
    for (const auto& pair : Split(target.substr(mark + 1), '&'))
      shape += StrCat(" ", pair.substr(0, pair.find('=')));
  }
  const auto body = json::ParseTree(request.body);
  return body ? StrCat(shape, " ", Fields(*body)) : shape;
}

Result<std::unique_ptr<SampledContract>> SampledContract::Make(http::Handler& inner,
                                                               const std::string& document, int every,
                                                               Report report) {
  std::unique_ptr<SampledContract> made(new SampledContract(inner, every));
  CAPSTAN_TRY(made->guard_, simulated_digitalocean::ContractGuard::Make(inner, document, std::move(report)));
  return made;
}

bool SampledContract::Due(const http::Request& request) {
  const bool sampled = every_ > 1;
  MutexLock lock(mutex_);
  if (sampled && !seen_.insert(ShapeOf(request)).second && ++since_ < every_) return false;
  since_ = 0;
  return true;
}

void SampledContract::Handle(const http::Request& request, http::ResponseWriter& writer,
                             const Context& context) {
  (Due(request) ? guard_->handler() : inner_).Handle(request, writer, context);
}

}  // namespace capstan::scale
