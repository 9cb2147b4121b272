// JsonWriter writes a JSON document in order, without a tree. It inserts the commas; the caller
// must match Begin and End and call Key before each field. Not thread-safe. To serialize a tree use
// ToText (poco_tree.hpp), for a Json use Json::ToText.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace capstan::json {

class JsonWriter {
 public:
  JsonWriter& BeginObject();
  JsonWriter& EndObject();
  JsonWriter& BeginArray();
  JsonWriter& EndArray();
  JsonWriter& Key(std::string_view key);
  JsonWriter& String(std::string_view value);
  JsonWriter& Integer(std::int64_t value);
  // A whole number is written without a fraction: 1, not 1.0. REQUIRES: finite.
  JsonWriter& Number(double value);
  JsonWriter& Boolean(bool value);
  JsonWriter& Null();
  // A value that is already JSON.
  JsonWriter& Raw(std::string_view json);

  JsonWriter& Field(std::string_view key, std::string_view value) { return Key(key).String(value); }
  JsonWriter& Field(std::string_view key, const std::string& value) { return Key(key).String(value); }
  JsonWriter& Field(std::string_view key, const char* value) { return Key(key).String(value); }
  JsonWriter& Field(std::string_view key, bool value) { return Key(key).Boolean(value); }
  JsonWriter& Field(std::string_view key, int value) { return Key(key).Integer(value); }
  JsonWriter& Field(std::string_view key, std::int64_t value) { return Key(key).Integer(value); }
  JsonWriter& Field(std::string_view key, double value) { return Key(key).Number(value); }
  JsonWriter& Field(std::string_view key, const std::vector<std::string>& values);
  JsonWriter& Field(std::string_view key, const std::map<std::string, std::string>& fields);

  std::string Take() { return std::move(text_); }

 private:
  void BeforeValue();
  std::string text_;
  bool comma_ = false;
};

}  // namespace capstan::json
