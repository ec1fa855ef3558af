"""The web page of ``demo/web_demo.py``. Its modules need gradio."""
