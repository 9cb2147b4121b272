#include <capstan/local/apiserver/requests/content.hpp>

#include <map>
#include <vector>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/yaml.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/protobuf/protobuf.hpp>

namespace capstan::apiserver {
namespace {

struct MediaRange {
  std::string type;
  std::map<std::string, std::string> parameters;
};

std::vector<MediaRange> ParseAccept(std::string_view header) {
  std::vector<MediaRange> ranges;
  for (const std::string& piece : Split(header, ',')) {
    std::vector<std::string> parts = Split(piece, ';');
    MediaRange range;
    range.type = ToLower(Trim(parts[0]));
    if (range.type.empty()) continue;
    for (std::size_t i = 1; i < parts.size(); ++i) {
      std::string_view parameter = Trim(parts[i]);
      std::size_t equals = parameter.find('=');
      if (equals == std::string_view::npos) continue;
      range.parameters[ToLower(Trim(parameter.substr(0, equals)))] =
          std::string(Trim(parameter.substr(equals + 1)));
    }
    ranges.push_back(std::move(range));
  }
  return ranges;
}

bool ReadShape(const MediaRange& range, Accepted& accepted) {
  auto as = range.parameters.find("as");
  if (as == range.parameters.end()) return true;
  auto parameter = [&](const char* name) {
    auto found = range.parameters.find(name);
    return found == range.parameters.end() ? std::string() : found->second;
  };
  if (as->second == "APIGroupDiscoveryList") {
    if (parameter("g") != "apidiscovery.k8s.io") return false;
    accepted.discovery_version = parameter("v");
    return accepted.discovery_version == "v2" || accepted.discovery_version == "v2beta1";
  }
  if (parameter("g") != "meta.k8s.io") return false;
  accepted.meta_version = parameter("v");
  if (accepted.meta_version != "v1" && accepted.meta_version != "v1beta1") return false;
  if (as->second == "Table") {
    accepted.shape = Accepted::Shape::kTable;
  } else if (as->second == "PartialObjectMetadata") {
    accepted.shape = Accepted::Shape::kPartialMetadata;
  } else if (as->second == "PartialObjectMetadataList") {
    accepted.shape = Accepted::Shape::kPartialMetadataList;
  } else {
    return false;
  }
  return true;
}

std::string Unrecognized(std::string_view body, std::string_view kind, std::string_view why) {
  return StrCat("the object provided is unrecognized (must be of type ", kind,
                "): couldn't get version/kind; json parse error: ", why, " (", ShownBody(body), ")");
}

bool IsOffered(const Accepted& accepted, ProtobufOffer offer) {
  using Shape = Accepted::Shape;
  if (offer == ProtobufOffer::kNothing || accepted.shape == Shape::kTable) return false;
  return offer == ProtobufOffer::kAll || accepted.shape != Shape::kObject;
}

}  // namespace

Answer<Accepted> Negotiate(const http::Headers& headers, ProtobufOffer offer) {
  std::string joined;
  for (const auto& [name, value] : headers.fields()) {
    if (!EqualsIgnoreCase(name, "Accept")) continue;
    if (!joined.empty()) joined += ',';
    joined += value;
  }
  std::vector<MediaRange> ranges = ParseAccept(joined);
  if (ranges.empty()) return Accepted{};
  for (const MediaRange& range : ranges) {
    Accepted accepted;
    if (range.type == "application/yaml") {
      accepted.yaml = true;
    } else if (range.type == kProtobufType) {
      accepted.protobuf = true;
      if (ReadShape(range, accepted) && IsOffered(accepted, offer)) return accepted;
      continue;
    } else if (range.type != "application/json" && range.type != "*/*" && range.type != "application/*") {
      continue;
    }
    if (ReadShape(range, accepted)) return accepted;
  }
  return RefuseAbout(406, "NotAcceptable",
                     "only the following media types are accepted: application/json, application/yaml", "",
                     "", "");
}

std::string MediaType(const http::Headers& headers) {
  std::string_view value = headers.Get("Content-Type").value_or("");
  return ToLower(Trim(value.substr(0, value.find(';'))));
}

std::string ShownBody(std::string_view body) {
  if (body.empty()) return "<empty>";
  constexpr std::size_t kShown = 30;
  const std::string_view start = body.substr(0, kShown);
  std::string shown(start);
  if (body.front() != '{') {
    shown.clear();
    for (const char c : start) {
      constexpr std::string_view kDigits = "0123456789abcdef";
      shown += kDigits[static_cast<unsigned char>(c) >> 4U];
      shown += kDigits[static_cast<unsigned char>(c) & 0xFU];
    }
  }
  return body.size() > kShown ? shown + " ..." : shown;
}

std::string MalformedJson(std::string_view body, std::string_view otherwise) {
  int open = 0;
  bool in_string = false, any = false;
  for (std::size_t i = 0; i < body.size(); ++i) {
    const char c = body[i];
    if (c == '\\' && in_string) {
      ++i;
    } else if (c == '"') {
      in_string = !in_string;
    } else if (!in_string && (c == '{' || c == '[')) {
      ++open;
    } else if (!in_string && (c == '}' || c == ']')) {
      --open;
    }
    any = any || (c != ' ' && c != '\t' && c != '\n' && c != '\r');
  }
  return !any || in_string || open > 0 ? "unexpected end of JSON input" : std::string(otherwise);
}

Answer<json::ObjectPtr> ReadObject(const http::Request& request, std::string_view kind,
                                   const BodyLimits& limits) {
  std::string type = MediaType(request.headers);
  if (type == kProtobufType && limits.protobuf) {
    ProtobufLimits most;
    most.depth = limits.depth;
    auto object = DecodeProtobuf(*limits.protobuf, request.body, limits.api_version, kind, most);
    if (!object) return BadRequest(object.error().message);
    return *object;
  }
  if (!type.empty() && type != "application/json" && type != "application/yaml") {
    return UnsupportedMedia("application/json, application/yaml, application/vnd.kubernetes.protobuf");
  }
  const bool yaml = type == "application/yaml";
  auto tree = yaml ? ParseYamlAsGo(request.body, limits.depth) : ParseAsGo(request.body, limits.depth);
  if (!tree && tree.error().code == Code::kTooLarge) {
    return BadRequest(StrCat("error decoding the object: exceeded max depth of ", limits.depth));
  }
  if (!tree) {
    const std::string why =
        yaml ? "error converting YAML to JSON: " + tree.error().message : tree.error().message;
    return BadRequest(Unrecognized(request.body, kind, MalformedJson(request.body, why)));
  }
  if (json::IsNull(*tree) && !yaml) {
    return BadRequest(StrCat("the object provided is unrecognized (must be of type ", kind,
                             "): Object 'Kind' is missing in 'null' (", ShownBody(request.body), ")"));
  }
  json::ObjectPtr object = json::AsObject(*tree);
  for (const char* name : {"apiVersion", "kind"}) {
    if (!object || yaml || !object->has(name) || object->isNull(name) || json::StringIn(object, name))
      continue;
    return BadRequest(Unrecognized(request.body, kind,
                                   StrCat("json: cannot unmarshal ", GoName(object->get(name)),
                                          " into Go struct field .", name, " of type string")));
  }
  if (!object) {
    const char* what = json::AsArray(*tree) ? "array" : tree->isString() ? "string" : "number";
    return BadRequest(Unrecognized(request.body, kind,
                                   StrCat("json: cannot unmarshal ", what,
                                          " into Go value of type struct { APIVersion string "
                                          "\"json:\\\"apiVersion,omitempty\\\"\"; Kind string "
                                          "\"json:\\\"kind,omitempty\\\"\" }")));
  }
  return object;
}

}  // namespace capstan::apiserver
