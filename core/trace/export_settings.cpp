#include <capstan/core/trace/export_settings.hpp>

#include <algorithm>
#include <charconv>

#include <capstan/core/base/text.hpp>
#include <capstan/core/http/message.hpp>

namespace capstan::trace {
namespace {

using Environment = std::function<std::optional<std::string>(const std::string&)>;

// The first of these variables that is set; both strings are empty if none is.
struct Variable {
  std::string name, value;
};
Variable First(const Environment& environment, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const auto value = environment(name);
    if (value && !Trim(*value).empty()) return {name, std::string(Trim(*value))};
  }
  return {};
}
Variable ForTraces(const Environment& environment, const std::string& name) {
  return First(environment, {"OTEL_EXPORTER_OTLP_TRACES_" + name, "OTEL_EXPORTER_OTLP_" + name});
}

Failure Not(const Variable& variable, std::string_view takes) {
  return Fail(Code::kInvalidArgument,
              StrCat(variable.name, " is ", takes, ", not \"", Shorten(variable.value, 100), "\""));
}

Status ReadEndpoint(const Environment& environment, std::string& endpoint) {
  Variable variable = First(environment, {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"});
  const bool whole = !variable.name.empty();
  if (!whole) variable = First(environment, {"OTEL_EXPORTER_OTLP_ENDPOINT"});
  if (variable.name.empty()) return {};
  if (!http::ParseUrl(variable.value))
    return Fail(Code::kInvalidArgument,
                StrCat(variable.name,
                       " is no URL such as http://127.0.0.1:4318 (a user name or password has "
                       "no place in it: use OTEL_EXPORTER_OTLP_HEADERS)"));
  endpoint = variable.value;
  if (whole) return {};
  while (endpoint.ends_with('/')) endpoint.pop_back();
  endpoint += "/v1/traces";
  return {};
}

// Parses "name=value,name=value", values percent-encoded. Empty pairs are dropped.
Status ReadPairs(const Variable& variable, std::vector<std::pair<std::string, std::string>>& pairs) {
  for (const std::string& piece : Split(variable.value, ',')) {
    const std::string_view pair = Trim(piece);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    const std::string name(Trim(pair.substr(0, std::min(equals, pair.size()))));
    std::string value;
    if (equals == std::string_view::npos || name.empty() ||
        name.find_first_of("\r\n: ") != std::string::npos ||
        !UrlDecode(Trim(pair.substr(equals + 1)), false, value) ||
        value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      return Fail(Code::kInvalidArgument, StrCat(variable.name, " is NAME=VALUE[,NAME=VALUE...]; pair ",
                                                 pairs.size() + 1, " is not"));
    }
    pairs.emplace_back(name, value);
  }
  return {};
}

Status ReadHeaders(const Environment& environment, std::vector<std::pair<std::string, Secret>>& headers) {
  std::vector<std::pair<std::string, std::string>> pairs;
  CAPSTAN_RETURN_IF_ERROR(ReadPairs(ForTraces(environment, "HEADERS"), pairs));
  for (auto& [name, value] : pairs) headers.emplace_back(name, Secret(std::move(value)));
  return {};
}

Status ReadMilliseconds(const Variable& variable, Duration& duration) {
  if (variable.name.empty()) return {};
  std::int64_t number = 0;
  const char* const end = variable.value.data() + variable.value.size();
  const auto [rest, error] = std::from_chars(variable.value.data(), end, number);
  if (error != std::errc() || rest != end || number < 1 || number > 3'600'000)
    return Not(variable, "a number of milliseconds between 1 and 3600000");
  duration = std::chrono::milliseconds(number);
  return {};
}

Status ReadCount(const Variable& variable, std::size_t& count) {
  if (variable.name.empty()) return {};
  std::size_t number = 0;
  const char* const end = variable.value.data() + variable.value.size();
  const auto [rest, error] = std::from_chars(variable.value.data(), end, number);
  if (error != std::errc() || rest != end || number < 1 || number > 65'536)
    return Not(variable, "a number between 1 and 65536");
  count = number;
  return {};
}

Status ReadSampler(const Environment& environment, double& ratio) {
  const Variable variable = First(environment, {"OTEL_TRACES_SAMPLER"});
  std::string_view name = variable.value;
  // Every trace begins here: there is no parent whose decision could apply.
  if (name.starts_with("parentbased_")) name.remove_prefix(12);
  if (name.empty() || name == "always_on") return {};
  if (name == "always_off") {
    ratio = 0;
    return {};
  }
  if (name != "traceidratio")
    return Not(variable, "always_on, always_off or traceidratio, each also with parentbased_ before it");
  const Variable share = First(environment, {"OTEL_TRACES_SAMPLER_ARG"});
  if (share.name.empty()) return {};
  const char* const end = share.value.data() + share.value.size();
  const auto [rest, error] = std::from_chars(share.value.data(), end, ratio);
  if (error != std::errc() || rest != end || !(ratio >= 0 && ratio <= 1))
    return Not(share, "a share between 0 and 1");
  return {};
}

Status ReadResource(const Environment& environment, const std::string& service, ExportSettings& settings) {
  CAPSTAN_RETURN_IF_ERROR(ReadPairs(First(environment, {"OTEL_RESOURCE_ATTRIBUTES"}), settings.resource));
  const Variable named = First(environment, {"OTEL_SERVICE_NAME"});
  auto& resource = settings.resource;
  const auto known = [&](std::string_view key) {
    return std::find_if(resource.begin(), resource.end(),
                        [&](const auto& pair) { return pair.first == key; });
  };
  const auto found = known("service.name");
  if (!named.name.empty() && found != resource.end()) found->second = named.value;
  if (found == resource.end())
    resource.emplace_back("service.name", named.name.empty() ? service : named.value);
  return {};
}

}  // namespace

Result<ExportSettings> ReadExportSettings(const Environment& environment, const std::string& service) {
  ExportSettings settings;
  const Variable disabled = First(environment, {"OTEL_SDK_DISABLED"});
  if (EqualsIgnoreCase(disabled.value, "true")) return settings;
  const Variable exporter = First(environment, {"OTEL_TRACES_EXPORTER"});
  if (exporter.value == "none") return settings;
  std::string endpoint;
  CAPSTAN_RETURN_IF_ERROR(ReadEndpoint(environment, endpoint));
  if (endpoint.empty()) return settings;
  if (!exporter.name.empty() && exporter.value != "otlp") return Not(exporter, "otlp or none");
  // Collectors accept JSON where they accept protobuf; gRPC uses another port.
  const Variable protocol = ForTraces(environment, "PROTOCOL");
  if (!protocol.name.empty() && protocol.value != "http/json" && protocol.value != "http/protobuf")
    return Not(protocol, "http/json or http/protobuf, at the port of OTLP over HTTP, usually 4318");
  CAPSTAN_RETURN_IF_ERROR(ReadHeaders(environment, settings.headers));
  CAPSTAN_RETURN_IF_ERROR(ReadMilliseconds(ForTraces(environment, "TIMEOUT"), settings.timeout));
  CAPSTAN_RETURN_IF_ERROR(ReadMilliseconds(First(environment, {"OTEL_BSP_SCHEDULE_DELAY"}), settings.delay));
  CAPSTAN_RETURN_IF_ERROR(ReadCount(First(environment, {"OTEL_BSP_MAX_QUEUE_SIZE"}), settings.queue));
  CAPSTAN_RETURN_IF_ERROR(ReadCount(First(environment, {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE"}), settings.batch));
  settings.batch = std::min(settings.batch, settings.queue);
  CAPSTAN_RETURN_IF_ERROR(ReadSampler(environment, settings.ratio));
  CAPSTAN_RETURN_IF_ERROR(ReadResource(environment, service, settings));
  settings.endpoint = std::move(endpoint);
  return settings;
}

}  // namespace capstan::trace
