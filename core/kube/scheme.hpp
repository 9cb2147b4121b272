// Scheme maps C++ types to kinds. The program creates and fills it explicitly; nothing registers
// itself. A type is a value with
//
//    static Result<Widget> FromJson(std::string_view json);
//    std::string ToJson() const;
//
// which `capstan generate` writes; a copy is a deep copy. Register all types before sharing the
// Scheme; after that it is thread-safe.
#pragma once

#include <any>
#include <concepts>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <typeindex>
#include <utility>
#include <vector>

#include <capstan/core/base/result.hpp>
#include <capstan/core/kube/client.hpp>
#include <capstan/core/kube/kind.hpp>

namespace capstan::kube {

template <class T>
concept JsonValue = std::copyable<T> && requires(const T value, std::string_view json) {
  { T::FromJson(json) } -> std::same_as<Result<T>>;
  { value.ToJson() } -> std::same_as<std::string>;
};

// A type that also knows its kind, as generated types do, so that `For<Widget>()` of an operator
// needs no other argument.
//
//    static kube::Kind Kind();
template <class T>
concept ApiObject = JsonValue<T> && requires {
  { T::Kind() } -> std::convertible_to<Kind>;
};

class Scheme {
 public:
  // Errors: kAlreadyExists if the type or the kind is registered already; kInvalidArgument for an
  // incomplete kind.
  template <JsonValue T>
  Status Register(Kind kind) {
    return Add(typeid(T), std::move(kind),
               Codec{[](std::string_view json) -> Result<std::any> {
                       CAPSTAN_TRY(T value, T::FromJson(json));
                       return std::any(std::move(value));
                     },
                     [](const std::any& value) -> Result<std::string> {
                       const T* typed = std::any_cast<T>(&value);
                       if (typed == nullptr)
                         return Fail(Code::kInvalidArgument, "the value is of another type");
                       return typed->ToJson();
                     }});
  }

  template <ApiObject T>
  Status Register() {
    return Register<T>(T::Kind());
  }

  // Errors: kNotFound (not registered).
  template <JsonValue T>
  Result<Kind> KindOf() const {
    return KindOf(std::type_index(typeid(T)));
  }
  Result<Kind> Find(std::string_view api_version, std::string_view kind) const;
  std::vector<Kind> Kinds() const;

  // Decodes an object to the C++ type registered for its apiVersion and kind. Errors: kNotFound (no
  // type registered; the message names it), kDataLoss (not an object), and those of FromJson.
  Result<std::any> Decode(std::string_view json) const;
  // Errors: kNotFound (no type registered for the value).
  Result<std::string> Encode(const std::any& value) const;

 private:
  struct Codec {
    std::function<Result<std::any>(std::string_view)> decode;
    std::function<Result<std::string>(const std::any&)> encode;
  };
  Status Add(std::type_index type, Kind kind, Codec codec);
  Result<Kind> KindOf(std::type_index type) const;

  struct Entry {
    Kind kind;
    Codec codec;
  };
  std::map<std::type_index, Entry> types_;
  std::map<std::pair<std::string, std::string>, std::type_index> kinds_;  // apiVersion and kind
};

// An object and its C++ representation.
template <JsonValue T>
struct TypedObject {
  Object object;
  T value;

  // Errors: those of FromJson.
  static Result<TypedObject> From(Object object) {
    CAPSTAN_TRY(T value, T::FromJson(object.json()));
    return TypedObject{std::move(object), std::move(value)};
  }
};

// Client for one C++ type. Thread-safe; the Client must outlive it. Errors: the Client's and those
// of FromJson.
template <JsonValue T>
class TypedClient {
 public:
  // Errors: kNotFound when the scheme does not know T.
  static Result<TypedClient> Make(Client& client, const Scheme& scheme) {
    CAPSTAN_TRY(Kind kind, scheme.KindOf<T>());
    return TypedClient(client, std::move(kind));
  }
  const Kind& kind() const { return kind_; }

  Result<TypedObject<T>> Get(const ObjectKey& key, const Context& context) {
    return Typed(client_->Get(kind_, key, context));
  }
  Result<TypedObject<T>> Create(const std::string& namespace_, const T& value, const Context& context) {
    return Typed(client_->Create(kind_, namespace_, value.ToJson(), context));
  }
  Result<TypedObject<T>> Update(const ObjectKey& key, const T& value, const Context& context) {
    return Typed(client_->Update(kind_, key, value.ToJson(), context));
  }
  Result<TypedObject<T>> Patch(const ObjectKey& key, PatchType type, const std::string& patch,
                               const PatchOptions& options, const Context& context) {
    return Typed(client_->Patch(kind_, key, type, patch, options, context));
  }
  Status Delete(const ObjectKey& key, const DeleteOptions& options, const Context& context) {
    return client_->Delete(kind_, key, options, context);
  }
  Result<std::vector<TypedObject<T>>> ListAll(const std::string& namespace_, const ListOptions& options,
                                              const Context& context) {
    CAPSTAN_TRY(auto objects, client_->ListAll(kind_, namespace_, options, context));
    std::vector<TypedObject<T>> typed;
    typed.reserve(objects.size());
    for (Object& object : objects) {
      CAPSTAN_TRY(auto one, TypedObject<T>::From(std::move(object)));
      typed.push_back(std::move(one));
    }
    return typed;
  }

 private:
  TypedClient(Client& client, Kind kind) : client_(&client), kind_(std::move(kind)) {}
  static Result<TypedObject<T>> Typed(Result<Object> object) {
    if (!object) return Fail(std::move(object).error());
    return TypedObject<T>::From(std::move(*object));
  }

  Client* client_;
  Kind kind_;
};

}  // namespace capstan::kube
