// Database is the owners' SQLite store, in memory, with its seed data.
//
// Owner:  Platform.   Thread: any; every use holds the lock of a Session.
// Errors: std::runtime_error with SQLite's text: a failing statement is a mistake of the owners.
#pragma once

#include <initializer_list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http_message.h"

struct sqlite3;

namespace owners {

// A bound parameter: NULL, an integer or a text.
using Value = Json;

class Database {
 public:
  Database();
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Back to the seed data.
  void reseed();

  // Exclusive use for as long as it lives, so that a handler sees and leaves one state.
  class Session {
   public:
    // Rows as objects keyed by column name. BOOLEAN columns give true or false and JSON columns
    // their parsed value; a column without a declared type (an expression) gives what SQLite has.
    std::vector<Json> rows(std::string_view sql, std::initializer_list<Value> parameters);
    std::optional<Json> row(std::string_view sql, std::initializer_list<Value> parameters);
    // The number of rows changed.
    int change(std::string_view sql, std::initializer_list<Value> parameters);

   private:
    friend class Database;
    explicit Session(Database& database) : lock_(database.mutex_), handle_(database.handle_) {}
    std::unique_lock<std::mutex> lock_;
    sqlite3* handle_;
  };
  Session session() { return Session(*this); }

 private:
  void execute(const char* script);

  std::mutex mutex_;
  sqlite3* handle_ = nullptr;
};

}  // namespace owners
