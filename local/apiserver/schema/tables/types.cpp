#include <capstan/local/apiserver/schema/tables/types.hpp>

#include <array>
#include <charconv>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/schema/tables/tables.hpp>

namespace capstan::apiserver {
namespace {

using Kind = BuiltinField::Kind;
using Repeat = BuiltinField::Repeat;

constexpr std::uint16_t kNoField = 0xFFFF;
constexpr std::array<std::pair<std::string_view, Kind>, 17> kScalars = {{
    {"string", Kind::kString},
    {"int32", Kind::kInt32},
    {"int64", Kind::kInt64},
    {"bool", Kind::kBool},
    {"number", Kind::kNumber},
    {"bytes", Kind::kBytes},
    {"time", Kind::kTime},
    {"microtime", Kind::kMicroTime},
    {"quantity", Kind::kQuantity},
    {"intstr", Kind::kIntOrString},
    {"fields", Kind::kFields},
    {"raw", Kind::kRaw},
    {"json", Kind::kJson},
    {"strings", Kind::kStrings},
    {"schema|list", Kind::kSchemaOrList},
    {"schema|bool", Kind::kSchemaOrBool},
    {"schema|strings", Kind::kSchemaOrStrings},
}};

std::string_view NextLine(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return line;
}

std::string_view NextWord(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(word.size());
  return word;
}

// Cuts " : text" off the end of a line.
std::string_view TakeText(std::string_view& line) {
  const std::size_t colon = line.find(" : ");
  if (colon == std::string_view::npos) return {};
  const std::string_view text = line.substr(colon + 3);
  line = line.substr(0, colon);
  return text;
}

}  // namespace

class BuiltinTypes::Reader final {
 public:
  explicit Reader(BuiltinTypes& types) : types_(types) {}

  // Reads the names first, so that a field can refer to a type that is defined later.
  void ReadNames(std::string_view table) {
    std::string_view package, full, api_version;
    while (!table.empty()) {
      std::string_view line = NextLine(table);
      const std::string_view text = TakeText(line);
      const std::string_view mark = NextWord(line);
      if (mark == "#") {
        package = NextWord(line);
        full = NextWord(line);
        api_version = NextWord(line);
      } else if (mark == "==") {
        BuiltinType& type = types_.types_.emplace_back();
        type.name = NextWord(line);
        type.package = package;
        type.full_name = StrCat(full, ".", type.name);
        type.description = text;
        types_.names_.emplace(StrCat(package, ".", type.name), &type);
        ReadFlags(type, line, package == "meta" ? "v1" : api_version);
      }
    }
  }

  void ReadFields(std::string_view table) {
    BuiltinType* type = nullptr;
    std::string_view package;
    while (!table.empty()) {
      std::string_view line = NextLine(table);
      const std::string_view text = TakeText(line);
      const std::string_view first = NextWord(line);
      if (first == "#") {
        package = NextWord(line);
      } else if (first == "==") {
        type = types_.names_.find(StrCat(package, ".", NextWord(line)))->second;
      } else if (!first.empty()) {
        BuiltinField field;
        if (first != ">") field.name = first;
        field.description = text;
        const std::string_view number = NextWord(line);
        std::from_chars(number.data(), number.data() + number.size(), field.number);
        ReadType(field, NextWord(line), package);
        while (!line.empty()) {
          if (const std::string_view option = NextWord(line); !option.empty())
            field.options.push_back(option);
        }
        if (type->by_number.size() <= field.number) type->by_number.resize(field.number + 1, kNoField);
        type->by_number[field.number] = static_cast<std::uint16_t>(type->fields.size());
        type->fields.push_back(std::move(field));
      }
    }
  }

 private:
  void ReadFlags(BuiltinType& type, std::string_view flags, std::string_view api_version) {
    for (std::string_view flag = NextWord(flags); !flag.empty(); flag = NextWord(flags)) {
      type.atomic = type.atomic || flag == "atomic";
      type.open = type.open || flag == "open";
      type.kind = type.kind || flag == "kind";
      if (flag == "kind" || flag == "body") types_.kinds_[StrCat(api_version, "/", type.name)] = &type;
    }
  }

  void ReadType(BuiltinField& field, std::string_view word, std::string_view package) {
    for (; word.back() == '!' || word.back() == '+' || word.back() == '?'; word.remove_suffix(1)) {
      field.required = field.required || word.back() == '!';
      field.always_written = field.always_written || word.back() != '?';
      field.pointer = field.pointer || word.back() == '?';
    }
    for (const auto& [start, repeat] : {std::pair{std::string_view("list<"), Repeat::kList},
                                        std::pair{std::string_view("map<"), Repeat::kMap}}) {
      if (word.substr(0, start.size()) != start) continue;
      field.repeat = repeat;
      word = word.substr(start.size(), word.size() - start.size() - 1);
    }
    if (word.front() == '@') {
      word.remove_prefix(1);
      field.kind = Kind::kMessage;
      const bool qualified = word.find('.') != std::string_view::npos;
      field.type = types_.names_.at(qualified ? std::string(word) : StrCat(package, ".", word));
      return;
    }
    for (const auto& [name, kind] : kScalars) {
      if (name == word) field.kind = kind;
    }
    if (word.substr(0, 7) == "schema|") field.type = types_.names_.at(StrCat(package, ".JSONSchemaProps"));
  }

  BuiltinTypes& types_;
};

const BuiltinField* BuiltinType::ByNumber(std::uint32_t number) const {
  if (number >= by_number.size() || by_number[number] == kNoField) return nullptr;
  return &fields[by_number[number]];
}

BuiltinTypes::BuiltinTypes() {
  const std::array tables = {MetaTable(),
                             CoreTable(),
                             AppsTable(),
                             BatchTable(),
                             NetworkingTable(),
                             PolicyTable(),
                             AutoscalingTable(),
                             RbacTable(),
                             StorageTable(),
                             SchedulingTable(),
                             CertificatesTable(),
                             AdmissionRegistrationTable(),
                             CoordinationTable(),
                             EventsTable(),
                             DiscoveryTable(),
                             NodeTable(),
                             AuthenticationTable(),
                             AuthorizationTable(),
                             ApiRegistrationTable(),
                             ApiExtensionsTable()};
  Reader reader(*this);
  for (const std::string_view table : tables) reader.ReadNames(table);
  for (const std::string_view table : tables) reader.ReadFields(table);
}

const BuiltinType* BuiltinTypes::FindKind(std::string_view api_version, std::string_view kind) const {
  const auto found = kinds_.find(StrCat(api_version, "/", kind));
  return found == kinds_.end() ? nullptr : found->second;
}

const BuiltinType& BuiltinTypes::Find(std::string_view package, std::string_view name) const {
  return *names_.find(StrCat(package, ".", name))->second;
}

}  // namespace capstan::apiserver
