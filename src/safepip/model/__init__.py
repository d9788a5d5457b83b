"""Pure: frozen values, enums and errors."""
