// Compares a pointer with a literal, which our warnings refuse.
bool is_timestamp(const char* name);
bool is_timestamp(const char* name) { return name == "timestamp"; }
